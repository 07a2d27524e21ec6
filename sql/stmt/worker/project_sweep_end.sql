-- Forgets what a reset left behind: nothing is left, and no request lasts that long. :limit is 1.
DELETE FROM projects
WHERE id = :project AND reset_at < UTC_TIMESTAMP(6) - INTERVAL 15 MINUTE
  AND NOT EXISTS (SELECT 1 FROM pins p WHERE p.project_id = :project) LIMIT :limit
