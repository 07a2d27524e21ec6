-- Uses an invitation into an organization. No row: meanwhile it was used, withdrawn or renewed.
UPDATE invitations SET used_at = UTC_TIMESTAMP(6), updated_at = UTC_TIMESTAMP(6)
WHERE token_hash = :hash AND organization_id = :organization AND used_at IS NULL
  AND revoked_at IS NULL AND expires_at > UTC_TIMESTAMP(6)
