-- Keeps a session and its user as they are until the end of the transaction. No row: it has ended.
SELECT u.id
FROM sessions s
JOIN users u ON u.id = s.user_id
WHERE s.token_hash = :hash AND s.expires_at > UTC_TIMESTAMP(6) AND u.disabled_at IS NULL
FOR UPDATE
