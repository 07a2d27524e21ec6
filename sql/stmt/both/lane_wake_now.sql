-- Gives this lane a turn now.
-- users: app worker ctl
UPDATE lanes SET next_turn_at = LEAST(COALESCE(next_turn_at, UTC_TIMESTAMP(6)), UTC_TIMESTAMP(6))
WHERE id = :lane
