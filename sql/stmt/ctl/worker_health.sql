-- Resident workers that are alive and that fell silent within the hour, all that are alive or
-- expected (worker_alive), and when one was last seen.
SELECT
  COALESCE(SUM(resident = 1 AND stopped_at IS NULL
    AND seen_at > UTC_TIMESTAMP(6) - INTERVAL 30 SECOND), 0) AS resident,
  COALESCE(SUM((stopped_at IS NULL AND seen_at > UTC_TIMESTAMP(6) - INTERVAL 30 SECOND)
    OR COALESCE(expected_at > UTC_TIMESTAMP(6) - INTERVAL 60 SECOND, 0)), 0) AS alive,
  COALESCE(SUM(resident = 1 AND stopped_at IS NULL
    AND seen_at BETWEEN UTC_TIMESTAMP(6) - INTERVAL 1 HOUR
      AND UTC_TIMESTAMP(6) - INTERVAL 30 SECOND), 0) AS silent,
  MAX(seen_at) AS seen
FROM workers
