-- An account, as needed to create pins for it.
-- users: app worker ctl
SELECT a.id, a.project_id, a.lane_id, a.shard, j.environment,
  a.revoked_at IS NOT NULL AS revoked, a.paused_at IS NOT NULL AS paused,
  a.health <> 0 AS unhealthy, COALESCE(a.health_code = 'scope_missing', 0) AS scope_missing, a.scopes,
  a.boards_at
FROM pinterest_accounts a
JOIN projects j ON j.id = a.project_id
WHERE a.id = :account AND a.project_id = :project
