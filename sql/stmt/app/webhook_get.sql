-- One webhook.
SELECT {webhook_view}
FROM webhooks
WHERE id = :id AND project_id = :project AND deleted_at IS NULL
