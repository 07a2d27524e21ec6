-- One webhook.
SELECT {webhook_view},
  (SELECT k.revoked_at FROM api_keys k WHERE k.id = api_key_id) AS key_revoked_at
FROM webhooks
WHERE id = :id AND project_id = :project AND deleted_at IS NULL
