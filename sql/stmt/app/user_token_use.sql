-- Uses a token; no row: it was used, or has expired.
UPDATE user_tokens SET used_at = UTC_TIMESTAMP(6)
WHERE token_hash = :hash AND purpose = :purpose AND used_at IS NULL
  AND expires_at > UTC_TIMESTAMP(6)
