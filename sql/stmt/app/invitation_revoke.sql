-- Withdraws an invitation.
UPDATE invitations SET revoked_at = UTC_TIMESTAMP(6), updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND organization_id = :organization AND used_at IS NULL AND revoked_at IS NULL
