-- A token that can be used, and its person as the tokens of that purpose know him or her.
SELECT t.user_id, t.email, t.used_at, u.email AS user_email, u.email_verified
FROM user_tokens t
JOIN users u ON u.id = t.user_id
WHERE t.token_hash = :hash AND t.purpose = :purpose AND t.expires_at > UTC_TIMESTAMP(6)
  AND u.disabled_at IS NULL
