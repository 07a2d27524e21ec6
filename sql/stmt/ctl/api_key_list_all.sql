-- The keys of a project, or of all (:project is NULL); that a user made, or anybody (:email is
-- NULL); with :revoked also those that were revoked.
SELECT k.id, k.project_id, k.name, k.scopes, k.account_ids IS NOT NULL AS limited, u.email,
  k.last_used_at, k.created_at, k.revoked_at
FROM api_keys k
LEFT JOIN users u ON u.id = k.created_by
WHERE (k.project_id = :project OR :project IS NULL) AND (u.email = :email OR :email IS NULL)
  AND (k.revoked_at IS NULL OR :revoked)
ORDER BY k.project_id, k.created_at, k.id
