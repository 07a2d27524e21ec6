-- Look at this lane at once.
-- users: app worker ctl
-- params: lane
UPDATE lanes SET work_at = LEAST(COALESCE(work_at, UTC_TIMESTAMP(6)), UTC_TIMESTAMP(6))
WHERE id = :lane
