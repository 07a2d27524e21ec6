-- Saves a locked lane after its turn.
UPDATE lanes SET next_turn_at = :next_turn_at, microtokens = :tokens, tokens_at = :tokens_at,
  next_at = :next_at, next_code = :next_code, busy_until = :busy_until,
  in_flight_pin = :in_flight_pin,
  hold_until = :hold_until, hold_code = :hold_code, blocked_hosts = :hosts
WHERE id = :id
