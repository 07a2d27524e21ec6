-- Which activity of a project comes behind :at and :id, newest first: from the index alone.
SELECT id, created_at FROM activity_logs
WHERE project_id = :project AND created_at >= :since AND created_at <= :at
  AND (created_at < :at OR id < :id)
ORDER BY created_at DESC, id DESC LIMIT :limit
