-- The webhooks of a project.
SELECT id, url, events, is_enabled, created_at, updated_at
FROM webhooks
WHERE project_id = :project AND deleted_at IS NULL
ORDER BY created_at, id
