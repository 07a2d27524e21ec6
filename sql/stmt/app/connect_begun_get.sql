-- A project, as a person is told of a connection that was begun for it, and what the person or key
-- that began it may do there now.
SELECT p.name AS project, o.name AS organization, p.environment,
  (SELECT a.username FROM pinterest_accounts a
    WHERE a.id = :account AND a.project_id = p.id) AS username,
  (SELECT m.role FROM memberships m JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL
    WHERE m.organization_id = p.organization_id AND m.user_id = :user) AS role,
  (SELECT k.scopes FROM api_keys k
    WHERE k.id = :key AND k.project_id = p.id AND k.revoked_at IS NULL
      AND (k.account_ids IS NULL OR FIND_IN_SET(LOWER(HEX(:account)), k.account_ids)))
    AS key_scopes
FROM projects p
JOIN organizations o ON o.id = p.organization_id
WHERE p.id = :project
