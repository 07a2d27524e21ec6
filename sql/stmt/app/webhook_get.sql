-- One webhook, and whether its key was revoked; revoked keys are not kept for ever.
SELECT {webhook_view},
  (SELECT k.revoked_at FROM api_keys k WHERE k.id = api_key_id) AS key_revoked_at,
  api_key_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM api_keys k
    WHERE k.id = api_key_id AND k.revoked_at IS NULL) AS key_revoked
FROM webhooks
WHERE id = :id AND project_id = :project AND deleted_at IS NULL
