-- Deletes a webhook.
UPDATE webhooks SET deleted_at = UTC_TIMESTAMP(6), is_enabled = 0, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND deleted_at IS NULL
