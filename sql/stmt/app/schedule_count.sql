-- How many schedules the same filters find.
-- params: project, allow, account, board, low, high, held, since, until, campaign, external, q
SELECT COUNT(*) AS total FROM schedules s
LEFT JOIN pins p ON p.id = s.pin_id AND p.deleted_at IS NULL
WHERE s.project_id = :project AND s.deleted_at IS NULL
  AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(s.account_id)), :allow))
  AND (:account IS NULL OR s.account_id = :account)
  AND (:board IS NULL OR s.board_id = :board)
  AND (:low IS NULL
      OR CASE WHEN s.state BETWEEN $PIN_WAITING AND $PIN_VERIFYING THEN COALESCE(p.state, s.state) ELSE s.state END
    BETWEEN :low AND :high)
  AND (:held IS NULL
      OR (COALESCE((SELECT w.wait_code FROM waiting w WHERE w.pin_id = p.id), $WAIT_NONE) <> $WAIT_NONE) = :held)
  AND (:since IS NULL OR s.run_at >= :since)
  AND (:until IS NULL OR s.run_at < :until)
  AND (:campaign IS NULL OR s.campaign = :campaign)
  AND (:external IS NULL OR s.external_id = :external)
  AND (:q IS NULL OR s.title LIKE :q OR s.description LIKE :q OR s.link_url LIKE :q)
