-- After a stop: gives every lane of the environment that has work a turn.
UPDATE lanes SET next_turn_at = UTC_TIMESTAMP(6)
WHERE environment = :environment AND next_turn_at > UTC_TIMESTAMP(6)
