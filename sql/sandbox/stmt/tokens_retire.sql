-- Revokes a refresh token at that time, unless it is revoked earlier.
UPDATE sandbox_tokens SET revoked_at = LEAST(IFNULL(revoked_at, :at), :at), expires_at = LEAST(expires_at, :at)
WHERE hash = :hash
