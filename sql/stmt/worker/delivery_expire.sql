-- Deletes deliveries that ended :days ago, after their attempts.
DELETE d FROM (
  SELECT v.id FROM deliveries v
  WHERE v.id < {id_days_ago}
    AND v.due_at IS NULL AND v.updated_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY
    AND (SELECT a.number FROM delivery_attempts a WHERE a.delivery_id = v.id LIMIT 1) IS NULL
  ORDER BY v.id LIMIT :limit) x
JOIN deliveries d ON d.id = x.id
WHERE d.due_at IS NULL
