-- Revokes a token now.
-- users: sandbox
-- params: hash
UPDATE sandbox_tokens SET revoked_at = UTC_TIMESTAMP(6) WHERE hash = :hash
