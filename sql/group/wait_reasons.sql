-- Why every pin of an account waits, in the order of what its owner must act on first.
WHEN j.paused_at IS NOT NULL THEN $WAIT_PROJECT_PAUSED
WHEN a.paused_at IS NOT NULL THEN $WAIT_ACCOUNT_PAUSED
WHEN a.revoked_at IS NULL AND a.health <> 0 AND a.health_code = 'scope_missing' THEN $WAIT_SCOPE
WHEN a.revoked_at IS NOT NULL OR a.health <> 0 THEN $WAIT_RECONNECT
WHEN a.refresh_sealed IS NULL AND a.access_expires_at <= UTC_TIMESTAMP(6) THEN $WAIT_RECONNECT
WHEN k.stopped_at IS NOT NULL THEN k.stop_code
WHEN k.hold_until > UTC_TIMESTAMP(6) THEN $WAIT_COOL_DOWN
WHEN l.hold_until > UTC_TIMESTAMP(6) THEN l.hold_code
