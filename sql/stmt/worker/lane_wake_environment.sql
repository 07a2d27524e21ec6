-- After a stop: every lane of the environment that has something to do is looked at.
UPDATE lanes SET next_turn_at = UTC_TIMESTAMP(6)
WHERE environment = :environment AND next_turn_at > UTC_TIMESTAMP(6)
