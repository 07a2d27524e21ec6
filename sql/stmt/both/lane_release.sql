-- A create of the lane has an outcome: look at the lane at once when its pin waits :again or others
-- wait, and open it when the request is over.
-- users: app worker
UPDATE lanes SET
  next_turn_at = IF(:again = 1
      OR EXISTS (SELECT 1 FROM pins v FORCE INDEX (verify)
        WHERE v.lane_id = lanes.id AND v.state IN ($PIN_WAITING, $PIN_VERIFYING)),
    LEAST(COALESCE(next_turn_at, UTC_TIMESTAMP(6)), UTC_TIMESTAMP(6)), next_turn_at),
  busy_until = IF(:over = 1 AND in_flight_pin = :pin, NULL, busy_until),
  in_flight_pin = IF(:over = 1 AND in_flight_pin = :pin, NULL, in_flight_pin)
WHERE id = :id
