-- How many other resident workers are alive.
SELECT COUNT(*) AS alive, UTC_TIMESTAMP(6) AS now
FROM workers
WHERE stopped_at IS NULL AND seen_at > UTC_TIMESTAMP(6) - INTERVAL :lease MICROSECOND
  AND resident = 1 AND id <> :id
