-- The link with this text, if it can still be used. The hash is the secret: no project is known
-- before.
SELECT id, project_id, user_id, key_id, account_id, return_to, expires_at
FROM connect_links
WHERE token_hash = :hash AND used_at IS NULL AND revoked_at IS NULL
  AND expires_at > UTC_TIMESTAMP(6)
