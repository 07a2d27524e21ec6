-- The pins of some campaigns that have no schedule (any more).
  SELECT p.campaign, p.state, p.id AS pin_id, p.error_code, p.run_at, p.published_at
  FROM pins p
  WHERE p.project_id = :project AND p.campaign BETWEEN :first AND :last AND p.deleted_at IS NULL
    AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(p.account_id)), :allow))
    AND NOT EXISTS (SELECT 1 FROM schedules o WHERE o.id = p.schedule_id AND o.deleted_at IS NULL)
