-- Uses an invitation of the operator; no row: it is unknown, used, expired or for another address.
UPDATE invitations SET used_at = UTC_TIMESTAMP(6), updated_at = UTC_TIMESTAMP(6)
WHERE token_hash = :hash AND organization_id IS NULL AND used_at IS NULL
  AND expires_at > UTC_TIMESTAMP(6) AND (email IS NULL OR email = :email)
