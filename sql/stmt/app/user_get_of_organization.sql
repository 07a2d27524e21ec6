-- A user of an organization: the given one, otherwise its first owner.
SELECT u.id, u.email, u.full_name, u.timezone, u.email_verified, u.created_at
FROM memberships m
JOIN users u ON u.id = m.user_id
WHERE m.organization_id = :organization
ORDER BY (u.id = :user) DESC, (m.role = 'owner') DESC, m.created_at
LIMIT 1
