-- The last sign of life that this database holds. Ids of activities go by time.
SELECT MAX(x.at) AS newest FROM (
  SELECT MAX(seen_at) AS at FROM workers
  UNION ALL (SELECT created_at FROM activity_logs ORDER BY id DESC LIMIT 1)) x
