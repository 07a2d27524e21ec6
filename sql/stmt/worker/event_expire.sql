-- Events of :days ago, after their deliveries.
-- params: days, limit
DELETE e FROM (
  SELECT v.id FROM events v
  WHERE v.id < UNHEX(LPAD(HEX(FLOOR(UNIX_TIMESTAMP(
    UTC_TIMESTAMP(6) - INTERVAL :days DAY) * 1000)), 12, '0'))
    AND v.created_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY
    AND (SELECT d.id FROM deliveries d WHERE d.event_id = v.id LIMIT 1) IS NULL
  ORDER BY v.id LIMIT :limit) x
JOIN events e ON e.id = x.id
