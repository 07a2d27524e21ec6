-- The active keys of a project, newest first; behind the key :after, if it is given.
SELECT k.id, k.name, k.scopes, k.account_ids, k.last_used_at, k.created_at, u.email
FROM api_keys k
LEFT JOIN users u ON u.id = k.created_by
WHERE k.project_id = :project AND k.revoked_at IS NULL
  AND (:after IS NULL OR (k.created_at <= :key AND (k.created_at < :key OR k.id < :after)))
ORDER BY k.created_at DESC, k.id DESC
LIMIT :limit OFFSET :offset
