-- The invitation of an address into an organization that can still be accepted.
SELECT id FROM invitations
WHERE organization_id = :organization AND email = :email AND used_at IS NULL
  AND revoked_at IS NULL AND expires_at > UTC_TIMESTAMP(6)
LIMIT 1
