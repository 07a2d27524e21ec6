-- One row of the activity log. Without a message the action says it (lib/activity.def).
-- users: app worker ctl
INSERT INTO activity_logs (id, project_id, account_id, actor_type, actor_user_id, actor_label,
  action, resource_id, message, metadata, request_id, created_at)
VALUES (:id, :project, :account, :actor_type, :actor_user, :actor_label,
  :action, :resource, :message, :metadata, :request, UTC_TIMESTAMP(6))
