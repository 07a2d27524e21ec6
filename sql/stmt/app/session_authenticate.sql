-- The user of a session, the role in the organization of its project, and the time.
SELECT s.id, s.user_id, u.email, s.project_id, p.organization_id, p.environment, m.role,
  p.limits,
  (s.last_used_at IS NULL OR s.last_used_at < UTC_TIMESTAMP(6) - INTERVAL 60 SECOND) AS stale,
  UTC_TIMESTAMP(6) AS now
FROM sessions s
JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL
JOIN projects p ON p.id = s.project_id
JOIN memberships m ON m.organization_id = p.organization_id AND m.user_id = s.user_id
WHERE s.token_hash = :hash AND s.expires_at > UTC_TIMESTAMP(6)
