-- The bucket of an account's lane, the account's pace, and the database's time.
SELECT l.microtokens, l.tokens_at, l.environment, a.pace_burst, a.pace_interval_ms,
  UTC_TIMESTAMP(6) AS now
FROM pinterest_accounts a
JOIN lanes l ON l.id = a.lane_id
WHERE a.id = :account AND a.project_id = :project AND a.revoked_at IS NULL
