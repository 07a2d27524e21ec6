-- Spends an authorization code: once, in time, for the redirect_uri it was given to.
-- users: sandbox
-- params: hash, redirect_uri
UPDATE sandbox_codes SET used_at = UTC_TIMESTAMP(6)
WHERE hash = :hash AND redirect_uri = :redirect_uri AND used_at IS NULL
  AND expires_at > UTC_TIMESTAMP(6)
