-- The active keys of a project, newest first.
SELECT id, name, scopes, account_ids, last_used_at, created_at
FROM api_keys
WHERE project_id = :project AND revoked_at IS NULL
ORDER BY created_at DESC, id DESC
