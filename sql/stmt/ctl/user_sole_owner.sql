-- The organizations in which nobody else can log in as an owner.
SELECT o.name, (SELECT COUNT(*) FROM projects p WHERE p.organization_id = o.id) AS projects
FROM memberships m
JOIN organizations o ON o.id = m.organization_id
WHERE m.user_id = :user AND m.role = 'owner' AND NOT EXISTS (
  SELECT 1
  FROM memberships x
  JOIN users u ON u.id = x.user_id
  WHERE x.organization_id = m.organization_id AND x.role = 'owner' AND x.user_id <> :user
    AND u.disabled_at IS NULL)
ORDER BY o.name
