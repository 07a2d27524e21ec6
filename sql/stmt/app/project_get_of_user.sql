-- A project that a user may work in.
SELECT p.id, p.organization_id
FROM projects p
JOIN memberships m ON m.organization_id = p.organization_id
WHERE {project_shown} AND m.user_id = :user
