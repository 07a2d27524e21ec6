-- Activity of :days ago. Ids go by time.
-- params: days, limit
DELETE FROM activity_logs
WHERE id < UNHEX(LPAD(HEX(FLOOR(UNIX_TIMESTAMP(
    UTC_TIMESTAMP(6) - INTERVAL :days DAY) * 1000)), 12, '0'))
  AND created_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY
ORDER BY id LIMIT :limit
