-- Look at this lane no later than :due.
-- users: app worker ctl
UPDATE lanes SET next_turn_at = LEAST(COALESCE(next_turn_at, :due), :due) WHERE id = :lane
