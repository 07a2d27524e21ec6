-- Uses an authorization code: once, before it expires, with the redirect_uri it was issued for.
UPDATE sandbox_codes SET used_at = UTC_TIMESTAMP(6)
WHERE hash = :hash AND redirect_uri = :redirect_uri AND used_at IS NULL
  AND expires_at > UTC_TIMESTAMP(6)
