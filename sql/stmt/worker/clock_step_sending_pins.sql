-- The same for pins in flight, in case they have to wait again.
UPDATE lanes l STRAIGHT_JOIN pins p FORCE INDEX (PRIMARY) ON p.id = l.in_flight_pin
SET p.run_at = UTC_TIMESTAMP(6)
WHERE p.schedule_id IS NULL AND p.run_at > UTC_TIMESTAMP(6)
