-- A create of the lane has an outcome: look at the lane at once, and open it when the request is over.
-- users: worker
-- params: id, pin, over
UPDATE lanes SET
  work_at = LEAST(COALESCE(work_at, UTC_TIMESTAMP(6)), UTC_TIMESTAMP(6)),
  busy_until = IF(:over = 1 AND open_pin = :pin, NULL, busy_until),
  open_pin = IF(:over = 1 AND open_pin = :pin, NULL, open_pin)
WHERE id = :id
