-- All projects.
SELECT p.id, p.name, p.environment, o.name AS organization, p.paused_at,
  (SELECT COUNT(*) FROM pinterest_accounts a
    WHERE a.project_id = p.id AND a.revoked_at IS NULL) AS accounts,
  (SELECT COUNT(*) FROM api_keys k
    WHERE k.project_id = p.id AND k.revoked_at IS NULL) AS api_keys,
  (SELECT GROUP_CONCAT(u.email ORDER BY m.created_at SEPARATOR ', ')
    FROM memberships m
    JOIN users u ON u.id = m.user_id
    WHERE m.organization_id = p.organization_id AND m.role = 'owner') AS owners
FROM projects p
JOIN organizations o ON o.id = p.organization_id
ORDER BY o.name, p.organization_id, p.environment, p.created_at, p.id
