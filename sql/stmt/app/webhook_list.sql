-- The webhooks of a project.
SELECT id, {webhook_view}
FROM webhooks
WHERE project_id = :project AND deleted_at IS NULL
ORDER BY created_at, id
