-- Another token in place of the one before, good from now on.
UPDATE invitations SET token_hash = :hash, invited_by = :user, mailed = :mailed,
  updated_at = UTC_TIMESTAMP(6), expires_at = UTC_TIMESTAMP(6) + INTERVAL :life_s SECOND
WHERE id = :id AND organization_id = :organization AND used_at IS NULL AND revoked_at IS NULL
