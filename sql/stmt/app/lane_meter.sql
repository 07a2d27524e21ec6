-- The bucket of an account's lane, until when the lane is held, the account's pace, and the database's
-- time.
SELECT l.microtokens, l.tokens_at, l.environment, a.pace_burst, a.pace_interval_ms, a.daily_cap,
  NULLIF(GREATEST(COALESCE(k.hold_until, a.created_at), COALESCE(l.hold_until, a.created_at),
    COALESCE(l.next_at, a.created_at)), a.created_at) AS held_until,
  UTC_TIMESTAMP(6) AS now
FROM pinterest_accounts a
JOIN lanes l ON l.id = a.lane_id
LEFT JOIN apps k ON k.environment = l.environment
  AND k.project_id = IF(l.environment = 0, x'00000000000000000000000000000000', a.project_id)
WHERE a.id = :account AND a.project_id = :project AND a.revoked_at IS NULL
