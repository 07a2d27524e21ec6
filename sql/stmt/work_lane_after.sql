-- A create of the lane has an outcome: look at the lane at once when its pin waits :again or others
-- wait, and open it when the request is over.
-- users: worker
-- params: id, pin, over, again
UPDATE lanes SET
  work_at = IF(:again = 1
      OR EXISTS (SELECT 1 FROM pins v FORCE INDEX (verify)
        WHERE v.lane_id = lanes.id AND v.state IN (1, 3)),
    LEAST(COALESCE(work_at, UTC_TIMESTAMP(6)), UTC_TIMESTAMP(6)), work_at),
  busy_until = IF(:over = 1 AND open_pin = :pin, NULL, busy_until),
  open_pin = IF(:over = 1 AND open_pin = :pin, NULL, open_pin)
WHERE id = :id
