-- The sessions of a user, or of all (:email is NULL), that have not ended.
SELECT s.id, u.email, s.network, s.user_agent, s.created_at, s.last_used_at
FROM sessions s
JOIN users u ON u.id = s.user_id
WHERE (u.email = :email OR :email IS NULL) AND s.expires_at > UTC_TIMESTAMP(6)
ORDER BY u.email, s.created_at, s.id
