-- The same, with what an API key for some accounts may see of: all rows are looked at.
SELECT id, created_at, action, account_id FROM activity_logs
WHERE project_id = :project AND created_at >= :since AND created_at <= :at
  AND (created_at < :at OR id < :id)
ORDER BY created_at DESC, id DESC LIMIT :limit
