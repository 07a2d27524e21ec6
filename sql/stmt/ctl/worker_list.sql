-- Workers of the last hour and the shards each one leases.
SELECT w.pid, w.resident, w.version, w.started_at, w.seen_at, w.expected_at, w.stopped_at,
  (SELECT COUNT(*) FROM shards s WHERE s.owner = w.id
    AND s.lease_until > UTC_TIMESTAMP(6)) AS shards
FROM workers w
WHERE w.seen_at > UTC_TIMESTAMP(6) - INTERVAL 1 HOUR
ORDER BY w.stopped_at IS NOT NULL, w.seen_at DESC
LIMIT 20
