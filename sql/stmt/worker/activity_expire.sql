-- Deletes activity older than :days. Ids are ordered by time.
DELETE FROM activity_logs
WHERE id < {id_days_ago}
  AND created_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY
ORDER BY id LIMIT :limit
