-- Everything of some campaigns once: schedules with the state of their pin, and pins without one.
  SELECT s.campaign, {schedule_pin_state} AS state, p.id AS pin_id, p.error_code, s.run_at,
    p.published_at
  FROM schedules s
  LEFT JOIN pins p ON p.id = s.pin_id AND p.deleted_at IS NULL
  WHERE s.project_id = :project AND s.campaign BETWEEN :first AND :last AND s.deleted_at IS NULL
    AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(s.account_id)), :allow))
  UNION ALL
  SELECT p.campaign, p.state, p.id, p.error_code, p.run_at, p.published_at
  FROM pins p
  WHERE p.project_id = :project AND p.campaign BETWEEN :first AND :last AND p.deleted_at IS NULL
    AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(p.account_id)), :allow))
    AND NOT EXISTS (SELECT 1 FROM schedules o WHERE o.id = p.schedule_id AND o.deleted_at IS NULL)
