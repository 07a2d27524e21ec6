-- Revokes a token now.
UPDATE sandbox_tokens SET revoked_at = UTC_TIMESTAMP(6), expires_at = LEAST(expires_at, UTC_TIMESTAMP(6)) WHERE hash = :hash
