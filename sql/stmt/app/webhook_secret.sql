-- The sealed secrets of a webhook, '' if they are lost.
SELECT secret_sealed FROM webhooks
WHERE id = :id AND project_id = :project AND deleted_at IS NULL
