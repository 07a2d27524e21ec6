-- How many pins match one filter and the times, read from its index alone, up to :most.
-- orders: every = FORCE INDEX (by_created) WHERE TRUE | account = FORCE INDEX (of_account) WHERE p.account_id = :account | board = FORCE INDEX (by_board) WHERE p.board_id = :board | campaign = FORCE INDEX (by_campaign) WHERE p.campaign = :campaign | external = FORCE INDEX (by_external) WHERE p.external_id = :external | state = FORCE INDEX (by_state) WHERE p.state BETWEEN :low AND :high
SELECT COUNT(*) AS total FROM (
  SELECT 1 FROM pins p /*ORDER*/
    AND p.project_id = :project AND p.deleted_at IS NULL
    AND (:since IS NULL OR p.created_at >= :since) AND (:until IS NULL OR p.created_at < :until)
  LIMIT :most
) n
