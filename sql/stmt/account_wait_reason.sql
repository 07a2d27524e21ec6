-- Why a new pin of this account would wait, in the order of the view `waiting`, and until when.
-- users: app
-- params: project, id
SELECT
  CASE
    WHEN j.paused_at IS NOT NULL THEN 7
    WHEN a.paused_at IS NOT NULL THEN 6
    WHEN a.revoked_at IS NOT NULL OR a.health <> 0 THEN 8
    WHEN a.refresh_sealed IS NULL AND a.access_expires_at <= UTC_TIMESTAMP(6) THEN 8
    WHEN k.stopped_at IS NOT NULL THEN 9
    WHEN k.held_until > UTC_TIMESTAMP(6) THEN 3
    WHEN l.held_until > UTC_TIMESTAMP(6) THEN l.hold_code
    WHEN a.access_expires_at <= UTC_TIMESTAMP(6) THEN 14
    WHEN l.next_at > UTC_TIMESTAMP(6) THEN l.next_code
    ELSE 0
  END,
  NULLIF(GREATEST(COALESCE(k.held_until, a.created_at), COALESCE(l.held_until, a.created_at),
    COALESCE(l.next_at, a.created_at), UTC_TIMESTAMP(6)), UTC_TIMESTAMP(6))
FROM pinterest_accounts a
JOIN lanes l ON l.id = a.lane_id
JOIN projects j ON j.id = a.project_id
JOIN apps k ON k.environment = l.environment
WHERE a.id = :id AND a.project_id = :project
