-- What a deleted webhook was still to be told is canceled.
-- users: app
-- params: id, project
UPDATE deliveries SET state = 4, due_at = NULL, updated_at = UTC_TIMESTAMP(6)
WHERE webhook_id = :id AND project_id = :project AND state = 0
