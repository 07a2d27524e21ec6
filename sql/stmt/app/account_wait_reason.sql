-- Why a new pin of this account would wait, in the order of the view `waiting`, and until when.
-- params: project, id
SELECT
  CASE
    WHEN j.paused_at IS NOT NULL THEN $WAIT_PROJECT_PAUSED
    WHEN a.paused_at IS NOT NULL THEN $WAIT_ACCOUNT_PAUSED
    WHEN a.revoked_at IS NOT NULL OR a.health <> 0 THEN $WAIT_RECONNECT
    WHEN a.refresh_sealed IS NULL AND a.access_expires_at <= UTC_TIMESTAMP(6) THEN $WAIT_RECONNECT
    WHEN k.stopped_at IS NOT NULL THEN $WAIT_APP_STOPPED
    WHEN k.held_until > UTC_TIMESTAMP(6) THEN $WAIT_COOL_DOWN
    WHEN l.held_until > UTC_TIMESTAMP(6) THEN l.hold_code
    WHEN a.access_expires_at <= UTC_TIMESTAMP(6) THEN $WAIT_TOKEN
    WHEN l.next_at > UTC_TIMESTAMP(6) THEN l.next_code
    ELSE $WAIT_NONE
  END AS wait_code,
  NULLIF(GREATEST(COALESCE(k.held_until, a.created_at), COALESCE(l.held_until, a.created_at),
    COALESCE(l.next_at, a.created_at), UTC_TIMESTAMP(6)), UTC_TIMESTAMP(6)) AS wait_until
FROM pinterest_accounts a
JOIN lanes l ON l.id = a.lane_id
JOIN projects j ON j.id = a.project_id
JOIN apps k ON k.environment = l.environment
WHERE a.id = :id AND a.project_id = :project
