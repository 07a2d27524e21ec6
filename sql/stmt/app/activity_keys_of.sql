-- The same of one action.
SELECT id, created_at FROM activity_logs
WHERE project_id = :project AND action = :action AND created_at >= :since AND created_at <= :at
  AND (created_at < :at OR id < :id)
ORDER BY created_at DESC, id DESC LIMIT :limit
