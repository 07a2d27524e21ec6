-- Workers of the last hour that did not stop, and the last one that did, with the shards each one
-- leases.
SELECT w.pid, w.resident, w.version, w.started_at, w.seen_at, w.expected_at, w.stopped_at,
  (SELECT COUNT(*) FROM shards s WHERE s.owner = w.id
    AND s.lease_until > UTC_TIMESTAMP(6)) AS shards
FROM workers w
WHERE w.seen_at > UTC_TIMESTAMP(6) - INTERVAL 1 HOUR
  AND (w.stopped_at IS NULL OR w.id = (SELECT n.id FROM workers n ORDER BY n.seen_at DESC LIMIT 1))
ORDER BY w.stopped_at IS NOT NULL, w.seen_at DESC
LIMIT 20
