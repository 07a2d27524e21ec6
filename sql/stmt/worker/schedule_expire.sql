-- Deletes schedules that ended :days ago and have no pin, with their idempotency key.
DELETE s, k FROM (
  SELECT v.id FROM schedules v
  WHERE v.id < {id_days_ago}
    AND v.updated_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY
    AND (v.state IN ($PIN_PUBLISHED, $PIN_FAILED, $PIN_CANCELED) OR v.deleted_at IS NOT NULL)
    AND (SELECT p.id FROM pins p WHERE p.id = v.pin_id) IS NULL
  ORDER BY v.id LIMIT :limit) x
JOIN schedules s ON s.id = x.id
LEFT JOIN idempotency_keys k ON k.project_id = s.project_id AND k.kind = 1 AND k.route = ''
  AND k.idem_key = CAST(s.idempotency_key AS BINARY) AND k.schedule_id = s.id
WHERE s.state IN ($PIN_PUBLISHED, $PIN_FAILED, $PIN_CANCELED) OR s.deleted_at IS NOT NULL
