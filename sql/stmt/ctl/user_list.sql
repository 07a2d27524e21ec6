-- All users with their organizations.
SELECT id, email, full_name, disabled_at IS NOT NULL AS disabled,
  (SELECT COUNT(*) FROM sessions s WHERE s.user_id = users.id AND s.expires_at > UTC_TIMESTAMP(6))
    AS sessions,
  (SELECT GROUP_CONCAT(CONCAT(o.name, ' (', m.role, ')') ORDER BY m.created_at SEPARATOR ', ')
    FROM memberships m
    JOIN organizations o ON o.id = m.organization_id
    WHERE m.user_id = users.id) AS organizations,
  created_at
FROM users
ORDER BY email
