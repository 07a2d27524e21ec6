-- These rows of a project's activity log, newest first.
SELECT id, account_id, actor_type, actor_user_id, actor_label, action, resource_id, message,
  metadata, request_id, created_at
FROM activity_logs
WHERE project_id = :project AND id IN (:ids[64])
ORDER BY created_at DESC, id DESC
