-- The operator has acted: tokens that expired while they could not be renewed are asked for now.
-- users: worker ctl
UPDATE pinterest_accounts a JOIN lanes l ON l.id = a.lane_id
SET a.refresh_at = UTC_TIMESTAMP(6)
WHERE l.environment = :environment AND a.refresh_at > UTC_TIMESTAMP(6)
  AND a.access_expires_at <= UTC_TIMESTAMP(6) AND a.refresh_sealed IS NOT NULL
  AND a.health = 0 AND a.revoked_at IS NULL
