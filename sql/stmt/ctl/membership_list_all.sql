-- Members of all organizations, or of that of a project, or with that address. The project is one to
-- name the organization by, and in whose activity log it has what concerns it.
SELECT m.id, m.user_id, m.organization_id, o.name AS organization, u.email, m.role,
  u.disabled_at IS NOT NULL AS disabled, m.created_at,
  COALESCE(:project, (SELECT p.id FROM projects p WHERE p.organization_id = m.organization_id
    ORDER BY p.environment, p.created_at, p.id LIMIT 1)) AS project_id
FROM memberships m
JOIN organizations o ON o.id = m.organization_id
JOIN users u ON u.id = m.user_id
WHERE (:project IS NULL
    OR m.organization_id = (SELECT p.organization_id FROM projects p WHERE p.id = :project))
  AND (:email IS NULL OR u.email = :email)
ORDER BY o.name, o.id, m.created_at, m.id
