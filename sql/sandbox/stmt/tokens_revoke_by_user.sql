-- Revokes a user's tokens now.
UPDATE sandbox_tokens SET revoked_at = UTC_TIMESTAMP(6), expires_at = LEAST(expires_at, UTC_TIMESTAMP(6))
WHERE user_id = :user AND (revoked_at IS NULL OR revoked_at > UTC_TIMESTAMP(6))
