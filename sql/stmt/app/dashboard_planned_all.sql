-- How many schedules for a time are promoted and have not ended, read from an index alone.
-- anew: counts many entries of an index
SELECT COUNT(*) AS schedules FROM schedules s FORCE INDEX (by_state)
WHERE s.project_id = :project AND s.deleted_at IS NULL AND s.run_at >= :since AND s.run_at < :until
  AND s.state IN ($PIN_WAITING, $PIN_SENDING, $PIN_VERIFYING)
