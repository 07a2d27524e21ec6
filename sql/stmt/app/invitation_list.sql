-- The invitations into an organization that were neither accepted nor withdrawn, or the one with that
-- id, newest first; how many there are is in each row.
SELECT i.id, i.email, i.role, i.invited_by, i.created_at, i.updated_at, i.expires_at,
  u.full_name AS by_name, u.email AS by_email, COUNT(*) OVER () AS total
FROM invitations i
LEFT JOIN users u ON u.id = i.invited_by
WHERE i.organization_id = :organization AND i.used_at IS NULL AND i.revoked_at IS NULL
  AND (:id IS NULL OR i.id = :id)
ORDER BY i.created_at DESC, i.id DESC
LIMIT :limit OFFSET :offset
