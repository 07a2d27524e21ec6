-- A create of the lane has an outcome: gives the lane a turn if its pin waits (:pin_waits) or others
-- wait, and frees the lane once the request has ended.
-- users: app worker ctl
UPDATE lanes SET
  next_turn_at = IF(:pin_waits = 1
      OR EXISTS (SELECT 1 FROM pins v FORCE INDEX (verify)
        WHERE v.lane_id = lanes.id AND v.state IN ($PIN_WAITING, $PIN_VERIFYING)),
    LEAST(COALESCE(next_turn_at, UTC_TIMESTAMP(6)), UTC_TIMESTAMP(6)), next_turn_at),
  busy_until = IF(:over = 1 AND in_flight_pin = :pin, NULL, busy_until),
  in_flight_pin = IF(:over = 1 AND in_flight_pin = :pin, NULL, in_flight_pin)
WHERE id = :id
