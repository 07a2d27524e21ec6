-- How many schedules match one filter and the times, read from its index alone, up to :most. A
-- table of the rows to be counted would cost more than to read them twice.
-- anew: counts many entries of an index
-- orders: every = FORCE INDEX (by_run) WHERE TRUE | account = FORCE INDEX (of_account) WHERE s.account_id = :account | board = FORCE INDEX (by_board) WHERE s.board_id = :board | campaign = FORCE INDEX (by_campaign) WHERE s.campaign = :campaign | external = FORCE INDEX (by_external) WHERE s.external_id = :external | state = FORCE INDEX (by_state) WHERE s.state BETWEEN :low AND :high
SELECT IF((SELECT 1 FROM schedules s /*ORDER*/
    AND s.project_id = :project AND s.deleted_at IS NULL
    AND (:since IS NULL OR s.run_at >= :since) AND (:until IS NULL OR s.run_at < :until)
    LIMIT 1 OFFSET :most) IS NOT NULL, :most,
  (SELECT COUNT(*) FROM schedules s /*ORDER*/
    AND s.project_id = :project AND s.deleted_at IS NULL
    AND (:since IS NULL OR s.run_at >= :since) AND (:until IS NULL OR s.run_at < :until))) AS total
