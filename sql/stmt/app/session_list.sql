-- The sessions of a user that have not ended, newest first.
SELECT s.id, s.created_at, s.last_used_at, s.expires_at, s.network, s.user_agent, s.project_id,
  p.name AS project_name
FROM sessions s
JOIN projects p ON p.id = s.project_id
WHERE s.user_id = :user AND s.expires_at > UTC_TIMESTAMP(6)
ORDER BY s.created_at DESC, s.id DESC
LIMIT 1000
