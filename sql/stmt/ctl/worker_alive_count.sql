-- Workers that may be alive: how many, and how long ago the last one was seen (seconds).
SELECT COUNT(*) AS alive, MIN(TIMESTAMPDIFF(SECOND, seen_at, UTC_TIMESTAMP(6))) AS seen_s,
  MAX(pid) AS pid
FROM workers
WHERE stopped_at IS NULL AND seen_at > UTC_TIMESTAMP(6) - INTERVAL :lease MICROSECOND
