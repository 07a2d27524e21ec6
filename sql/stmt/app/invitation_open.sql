-- The invitation into an organization with this token, if it can still be accepted, and who gave it.
-- The hash is the secret: no organization is known before.
SELECT i.id, i.organization_id, o.name, i.email, i.role, i.expires_at, i.invited_by, i.mailed,
  u.full_name AS by_name, u.email AS by_email, m.role AS by_role
FROM invitations i
JOIN organizations o ON o.id = i.organization_id
JOIN users u ON u.id = i.invited_by AND u.disabled_at IS NULL
JOIN memberships m ON m.organization_id = i.organization_id AND m.user_id = i.invited_by
WHERE i.token_hash = :hash AND i.used_at IS NULL AND i.revoked_at IS NULL
  AND i.expires_at > UTC_TIMESTAMP(6)
