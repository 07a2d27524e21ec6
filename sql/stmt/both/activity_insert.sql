-- One row of the activity log.
-- users: app worker ctl
INSERT INTO activity_logs (id, project_id, actor_type, actor_user_id, actor_label, action,
  category, status, resource_type, resource_id, message, metadata, request_id, created_at)
VALUES (:id, :project, :actor_type, :actor_user, :actor_label, :action,
  :category, :status, :resource_type, :resource, :message, :metadata, :request,
  UTC_TIMESTAMP(6))
