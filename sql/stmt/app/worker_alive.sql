-- Workers that were seen recently, or are expected soon (cron).
SELECT COUNT(*) AS alive FROM workers
WHERE (stopped_at IS NULL AND seen_at > UTC_TIMESTAMP(6) - INTERVAL 30 SECOND)
  OR expected_at > UTC_TIMESTAMP(6) - INTERVAL 60 SECOND
