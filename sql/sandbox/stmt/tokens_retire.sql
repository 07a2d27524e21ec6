-- A refresh token dies at that time, unless it dies sooner already.
-- users: sandbox
-- params: hash, at
UPDATE sandbox_tokens SET revoked_at = LEAST(IFNULL(revoked_at, :at), :at) WHERE hash = :hash
