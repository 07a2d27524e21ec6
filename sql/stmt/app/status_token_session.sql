-- The same for a token that a session gave.
SELECT p.organization_id, p.environment, p.limits, UTC_TIMESTAMP(6) AS now
FROM sessions s
JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL
JOIN projects p ON p.id = s.project_id
JOIN memberships m ON m.organization_id = p.organization_id AND m.user_id = s.user_id
WHERE s.id = :id AND s.project_id = :project AND s.expires_at > UTC_TIMESTAMP(6)
