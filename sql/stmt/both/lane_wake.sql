-- Gives this lane a turn at :due, or earlier if already planned.
-- users: app worker ctl
UPDATE lanes SET next_turn_at = LEAST(COALESCE(next_turn_at, :due), :due) WHERE id = :lane
