-- The schedules of a project that match a list's filters; a filter that is NULL matches all.
s.project_id = :project AND s.deleted_at IS NULL
  AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(s.account_id)), :allow))
  AND (:account IS NULL OR s.account_id = :account)
  AND (:board IS NULL OR s.board_id = :board)
  AND (:low IS NULL OR s.state BETWEEN :low AND :high)
  AND (:since IS NULL OR s.run_at >= :since)
  AND (:until IS NULL OR s.run_at < :until)
  AND (:campaign IS NULL OR s.campaign = :campaign)
  AND (:external IS NULL OR s.external_id = :external)
