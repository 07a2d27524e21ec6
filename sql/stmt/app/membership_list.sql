-- The organizations of a person.
SELECT o.id, o.name, m.role
FROM memberships m
JOIN organizations o ON o.id = m.organization_id
WHERE m.user_id = :user
ORDER BY m.created_at, o.id
