-- Look at this lane no later than :due.
-- users: app worker ctl
-- params: due, lane
UPDATE lanes SET work_at = LEAST(COALESCE(work_at, :due), :due) WHERE id = :lane
