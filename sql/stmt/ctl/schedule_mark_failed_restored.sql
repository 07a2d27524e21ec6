-- Marks failed schedules without a pin, which may have been planned again and published since the
-- backup: if planned again, their pins are looked up first.
UPDATE schedules s SET s.maybe_sent_since = LEAST(COALESCE(s.maybe_sent_since, :since), :since)
WHERE s.id > :after AND s.id <= :to AND s.state = $PIN_FAILED AND s.deleted_at IS NULL
  AND (SELECT p.id FROM pins p WHERE p.id = s.pin_id AND p.deleted_at IS NULL) IS NULL
