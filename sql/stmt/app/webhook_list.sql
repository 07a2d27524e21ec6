-- The webhooks of a project.
SELECT id, {webhook_view},
  (SELECT k.revoked_at FROM api_keys k WHERE k.id = api_key_id) AS key_revoked_at
FROM webhooks
WHERE project_id = :project AND deleted_at IS NULL
ORDER BY created_at, id
