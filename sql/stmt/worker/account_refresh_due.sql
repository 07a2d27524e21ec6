-- Accounts whose tokens must be refreshed, in these environments (bits), but for projects that have
-- their share (nil ids if there are fewer).
SELECT a.id, a.project_id, a.shard, l.environment
FROM pinterest_accounts a JOIN lanes l ON l.id = a.lane_id
WHERE a.refresh_at <= UTC_TIMESTAMP(6) AND a.shard IN (:shards[64])
  AND a.health = 0 AND a.revoked_at IS NULL AND a.refresh_sealed IS NOT NULL
  AND (a.refresh_started_at IS NULL
    OR a.refresh_started_at < UTC_TIMESTAMP(6) - INTERVAL 30 SECOND)
  AND (:environments >> l.environment) & 1 AND a.project_id NOT IN (:full[64])
ORDER BY a.refresh_at
LIMIT :limit
