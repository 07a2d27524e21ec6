-- Failed ones that have no pin may have been planned again since, and published: should that happen
-- once more, what comes of it is looked for first.
UPDATE schedules s SET s.maybe_sent_since = LEAST(COALESCE(s.maybe_sent_since, :since), :since)
WHERE s.id > :after AND s.id <= :to AND s.state = $PIN_FAILED AND s.deleted_at IS NULL
  AND (SELECT p.id FROM pins p WHERE p.id = s.pin_id AND p.deleted_at IS NULL) IS NULL
