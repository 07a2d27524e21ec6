-- After a backward clock step: every lane with waiting pins gets a turn, which decides anew.
UPDATE lanes SET next_turn_at = UTC_TIMESTAMP(6) WHERE next_turn_at > UTC_TIMESTAMP(6)
