-- The time of the last activity in this database. Ids of activities are ordered by time.
SELECT MAX(x.at) AS newest FROM (
  SELECT MAX(seen_at) AS at FROM workers
  UNION ALL (SELECT created_at FROM activity_logs ORDER BY id DESC LIMIT 1)) x
