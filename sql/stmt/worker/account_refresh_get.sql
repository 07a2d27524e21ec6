-- What a refresh needs to know about an account.
SELECT a.project_id, a.lane_id, l.environment, a.refresh_sealed, a.token_version,
  a.refresh_started_at, COALESCE(a.access_expires_at > UTC_TIMESTAMP(6), 1) AS usable
FROM pinterest_accounts a JOIN lanes l ON l.id = a.lane_id
WHERE a.id = :id
