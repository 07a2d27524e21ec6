-- How many schedules of one state have their time in a range, read from an index alone. `until` NULL: without an end.
-- anew: counts many entries of an index
-- orders: every = FORCE INDEX (by_state) WHERE s.project_id = :project AND s.deleted_at IS NULL | account = FORCE INDEX (by_account) WHERE s.account_id = :account AND s.project_id = :project AND s.deleted_at IS NULL
SELECT COUNT(*) AS total FROM schedules s /*ORDER*/
  AND s.state = :state AND s.run_at >= :since AND (:until IS NULL OR s.run_at < :until)
