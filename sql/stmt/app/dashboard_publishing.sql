-- Pins that are being sent or looked up: in all, of those created in a time and in the one before, and of schedules for
-- that time.
SELECT COUNT(*) AS pins,
  COALESCE(SUM(p.created_at >= :start AND p.created_at < :end), 0) AS created,
  COALESCE(SUM(p.created_at >= :before AND p.created_at < :start), 0) AS created_before,
  COALESCE(SUM(p.schedule_id IS NOT NULL AND p.run_at >= :start AND p.run_at < :end), 0) AS planned
FROM pins p FORCE INDEX (by_state)
WHERE p.project_id = :project AND p.deleted_at IS NULL
  AND p.state IN ($PIN_SENDING, $PIN_VERIFYING)
  AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(p.account_id)), :allow))
  AND (:account IS NULL OR p.account_id = :account)
