-- The invitations into an organization that were neither accepted nor withdrawn, or the one with that
-- id, newest first; behind the invitation :after, if it is given.
SELECT i.id, i.email, i.role, i.invited_by, i.created_at, i.updated_at, i.expires_at,
  u.full_name AS by_name, u.email AS by_email
FROM invitations i
LEFT JOIN users u ON u.id = i.invited_by
WHERE i.organization_id = :organization AND i.used_at IS NULL AND i.revoked_at IS NULL
  AND (:id IS NULL OR i.id = :id)
  AND (:after IS NULL OR (i.created_at <= :key AND (i.created_at < :key OR i.id < :after)))
ORDER BY i.created_at DESC, i.id DESC
LIMIT :limit OFFSET :offset
