-- A user, and what depends on the user.
SELECT id, disabled_at IS NOT NULL AS disabled,
  (SELECT COUNT(*) FROM sessions s WHERE s.user_id = users.id AND s.expires_at > UTC_TIMESTAMP(6))
    AS sessions,
  (SELECT COUNT(*) FROM api_keys k WHERE k.created_by = users.id AND k.revoked_at IS NULL)
    AS api_keys
FROM users
WHERE email = :email
