-- The clock went back: every lane that waits is looked at, and decides anew.
UPDATE lanes SET next_turn_at = UTC_TIMESTAMP(6) WHERE next_turn_at > UTC_TIMESTAMP(6)
