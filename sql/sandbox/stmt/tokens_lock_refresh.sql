-- A valid refresh token, locked so that it is rotated once.
SELECT user_id, scope, expires_at FROM sandbox_tokens
WHERE hash = :hash AND kind = 1 AND expires_at > UTC_TIMESTAMP(6)
  AND (revoked_at IS NULL OR revoked_at > UTC_TIMESTAMP(6)) FOR UPDATE
