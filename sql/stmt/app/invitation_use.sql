-- Uses an invitation; no row: it is unknown, used, expired or for another address.
UPDATE invitations SET used_at = UTC_TIMESTAMP(6)
WHERE token_hash = :hash AND used_at IS NULL AND expires_at > UTC_TIMESTAMP(6)
  AND (email IS NULL OR email = :email)
