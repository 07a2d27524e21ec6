-- The project of a new session: the first production project of the user's first membership.
SELECT p.id, p.organization_id, m.role
FROM memberships m
JOIN projects p ON p.organization_id = m.organization_id
WHERE m.user_id = :user
ORDER BY m.created_at, p.environment, p.created_at
LIMIT 1
