-- What decides whether anything of an account is sent (struct why_facts), beside the thing itself.
j.name AS project_name, j.environment, j.paused_at AS project_paused_at, a.username,
a.paused_at AS account_paused_at, a.revoked_at, a.health <> 0 AS reconnect,
IF(a.health <> 0, a.health_code, NULL) AS health_code,
IF(a.health <> 0, a.health_message, NULL) AS health_message, a.health_checked_at,
a.access_expires_at, a.refresh_sealed IS NOT NULL AS token_renews, k.stopped_at AS app_stopped_at,
IF(k.stopped_at IS NULL, NULL, k.message) AS app_message, k.hold_until AS app_hold_until,
l.hold_until, l.hold_code, l.next_at, l.next_code, l.busy_until, l.next_turn_at, l.shard,
h.lease_until, UTC_TIMESTAMP(6) AS now
