-- The webhooks of a project, each as in webhook_get.
SELECT id, {webhook_view},
  (SELECT k.revoked_at FROM api_keys k WHERE k.id = api_key_id) AS key_revoked_at,
  api_key_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM api_keys k
    WHERE k.id = api_key_id AND k.revoked_at IS NULL) AS key_revoked
FROM webhooks
WHERE project_id = :project AND deleted_at IS NULL
ORDER BY created_at, id
