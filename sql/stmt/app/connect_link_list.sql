-- The links of a project that were not withdrawn, newest first.
SELECT id, account_id, name, return_to, created_at, expires_at, used_at, connected_account_id
FROM connect_links
WHERE project_id = :project AND revoked_at IS NULL
ORDER BY created_at DESC, id DESC
LIMIT 500
