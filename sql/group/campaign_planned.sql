-- The schedules of some campaigns, with the state of their pin.
  SELECT s.campaign, {schedule_pin_state} AS state, p.id AS pin_id, p.error_code, s.run_at,
    p.published_at
  FROM schedules s
  LEFT JOIN pins p ON p.id = s.pin_id AND p.deleted_at IS NULL
  WHERE s.project_id = :project AND s.campaign BETWEEN :first AND :last AND s.deleted_at IS NULL
    AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(s.account_id)), :allow))
