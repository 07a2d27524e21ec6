-- Deletes attempts of deliveries that ended :days ago. Ids of deliveries are ordered by time.
DELETE t FROM (
  SELECT a.delivery_id, a.number FROM delivery_attempts a
  LEFT JOIN deliveries d ON d.id = a.delivery_id
  WHERE a.delivery_id < {id_days_ago}
    AND (d.id IS NULL
      OR (d.due_at IS NULL AND d.updated_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY))
  ORDER BY a.delivery_id, a.number LIMIT :limit) x
JOIN delivery_attempts t ON t.delivery_id = x.delivery_id AND t.number = x.number
