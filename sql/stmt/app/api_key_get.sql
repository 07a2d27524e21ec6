-- One key.
SELECT name, scopes, account_ids, last_used_at, created_at
FROM api_keys
WHERE id = :id AND project_id = :project AND revoked_at IS NULL
