-- Deletes events older than :days, after their deliveries.
DELETE e FROM (
  SELECT v.id FROM events v
  WHERE v.id < {id_days_ago}
    AND v.created_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY
    AND (SELECT d.id FROM deliveries d WHERE d.event_id = v.id LIMIT 1) IS NULL
  ORDER BY v.id LIMIT :limit) x
JOIN events e ON e.id = x.id
