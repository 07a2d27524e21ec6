-- How many pins match one filter and the times, read from its index alone, up to :most. A
-- table of the rows to be counted would cost more than to read them twice.
-- anew: counts many entries of an index
-- orders: every = FORCE INDEX (by_created) WHERE TRUE | account = FORCE INDEX (of_account) WHERE p.account_id = :account | board = FORCE INDEX (by_board) WHERE p.board_id = :board | campaign = FORCE INDEX (by_campaign) WHERE p.campaign = :campaign | external = FORCE INDEX (by_external) WHERE p.external_id = :external | state = FORCE INDEX (by_state) WHERE p.state BETWEEN :low AND :high
SELECT IF((SELECT 1 FROM pins p /*ORDER*/
    AND p.project_id = :project AND p.deleted_at IS NULL
    AND (:since IS NULL OR p.created_at >= :since) AND (:until IS NULL OR p.created_at < :until)
    LIMIT 1 OFFSET :most) IS NOT NULL, :most,
  (SELECT COUNT(*) FROM pins p /*ORDER*/
    AND p.project_id = :project AND p.deleted_at IS NULL
    AND (:since IS NULL OR p.created_at >= :since) AND (:until IS NULL OR p.created_at < :until))) AS total
