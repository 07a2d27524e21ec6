-- The pins of a project that match a list's filters; a filter that is NULL matches all. What must
-- be found out for each row is in pin_search.
p.project_id = :project AND p.deleted_at IS NULL
  AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(p.account_id)), :allow))
  AND (:account IS NULL OR p.account_id = :account)
  AND (:board IS NULL OR p.board_id = :board)
  AND (:low IS NULL OR p.state BETWEEN :low AND :high)
  AND (:error IS NULL OR :waits_any = 1 OR p.error_code = :error)
  AND (:error IS NULL OR :waits_any = 0 OR p.state IN ($PIN_WAITING, $PIN_FAILED))
  AND (:since IS NULL OR p.created_at >= :since)
  AND (:until IS NULL OR p.created_at < :until)
  AND (:campaign IS NULL OR p.campaign = :campaign)
  AND (:external IS NULL OR p.external_id = :external)
  AND (:removed IS NULL OR (:removed = 1 AND p.removed_at IS NOT NULL)
    OR (:removed = 0 AND p.removed_at IS NULL))
