-- One webhook.
SELECT url, events, is_enabled, created_at, updated_at
FROM webhooks
WHERE id = :id AND project_id = :project AND deleted_at IS NULL
