-- Gives schedules the state of their marked pins (pin_mark_restored).
-- moves: waiting -> verifying, sending -> verifying
UPDATE pins p FORCE INDEX (PRIMARY) JOIN schedules s ON s.id = p.schedule_id
SET s.state = $PIN_VERIFYING, s.version = s.version + 1, s.updated_at = UTC_TIMESTAMP(6)
WHERE p.id > :after AND p.id <= :to AND p.state IN ($PIN_WAITING, $PIN_SENDING)
  AND p.run_at <= UTC_TIMESTAMP(6)
  AND p.deleted_at IS NULL AND s.state IN ($PIN_WAITING, $PIN_SENDING) AND s.pin_id = p.id
