-- A locked lane after its turn.
-- users: worker
-- params: id, work_at, tokens, tokens_at, next_at, next_code, busy_until, open_pin, held_until, hold_code, hosts
UPDATE lanes SET work_at = :work_at, tokens_u = :tokens, tokens_at = :tokens_at,
  next_at = :next_at, next_code = :next_code, busy_until = :busy_until, open_pin = :open_pin,
  held_until = :held_until, hold_code = :hold_code, blocked_hosts = :hosts
WHERE id = :id
