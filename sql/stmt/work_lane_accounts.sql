-- Accounts of a lane that can talk to Pinterest, with their token and own pace. Paused ones send
-- nothing, but what they sent may be looked up.
-- users: worker
-- params: lane
SELECT a.id, a.project_id, a.access_sealed, a.token_version,
  a.access_expires_at IS NULL OR a.access_expires_at > UTC_TIMESTAMP(6) + INTERVAL 5 SECOND,
  a.paused_at IS NOT NULL OR j.paused_at IS NOT NULL,
  COALESCE(a.pace_capacity, 0), COALESCE(a.pace_interval_ms, 0), COALESCE(a.daily_cap, -1)
FROM pinterest_accounts a JOIN projects j ON j.id = a.project_id
WHERE a.lane_id = :lane AND a.revoked_at IS NULL AND a.health = 0
ORDER BY a.id LIMIT 64
