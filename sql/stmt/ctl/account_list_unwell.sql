-- Accounts that their owners have to connect again: the newest, and how many there are.
SELECT a.id, a.username, a.health_code, a.health_checked_at, j.id AS project_id, j.name,
  COUNT(*) OVER () AS total
FROM pinterest_accounts a JOIN projects j ON j.id = a.project_id
WHERE a.health <> 0 AND a.revoked_at IS NULL
ORDER BY a.health_checked_at DESC
LIMIT 20
