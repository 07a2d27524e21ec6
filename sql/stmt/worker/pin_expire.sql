-- Deletes pins that ended :days ago, each with its schedule, attempts and idempotency key; a
-- schedule that was planned again has another pin, or none yet, and stays with its key.
DELETE p, s, t, k FROM (
  SELECT v.id FROM pins v
  WHERE v.id < {id_days_ago}
    AND v.updated_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY
    AND (v.state IN ($PIN_PUBLISHED, $PIN_FAILED) OR v.deleted_at IS NOT NULL)
  ORDER BY v.id LIMIT :limit) x
JOIN pins p ON p.id = x.id
LEFT JOIN schedules s ON s.id = p.schedule_id AND s.pin_id = p.id
LEFT JOIN attempts t ON t.pin_id = p.id
LEFT JOIN idempotency_keys k ON k.project_id = p.project_id AND k.kind = 1 AND k.route = ''
  AND k.idem_key = CAST(p.idempotency_key AS BINARY)
  AND (k.pin_id = p.id OR k.schedule_id = s.id)
WHERE p.state IN ($PIN_PUBLISHED, $PIN_FAILED) OR p.deleted_at IS NOT NULL
