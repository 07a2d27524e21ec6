-- How many pins of an account wait: in all, of those created in a time and in the one before, and of schedules for that
-- time. Looks at each of them.
SELECT COUNT(*) AS pins,
  COALESCE(SUM(p.created_at >= :start AND p.created_at < :end), 0) AS created,
  COALESCE(SUM(p.created_at >= :before AND p.created_at < :start), 0) AS created_before,
  COALESCE(SUM(p.schedule_id IS NOT NULL AND p.run_at >= :start AND p.run_at < :end), 0) AS planned
FROM pins p FORCE INDEX (head)
WHERE p.account_id = :account AND p.project_id = :project AND p.state = $PIN_WAITING
  AND p.deleted_at IS NULL
