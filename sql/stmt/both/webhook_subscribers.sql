-- The webhooks of these projects.
-- users: app worker
SELECT id, project_id, shard, is_enabled, events
FROM webhooks
WHERE project_id IN (:projects[64]) AND deleted_at IS NULL
