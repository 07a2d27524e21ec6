-- All that decides what becomes of one schedule until it has a pin; `project` NULL: of any project.
-- users: app ctl
SELECT x.id, x.project_id, x.account_id, x.pin_id, x.state, x.title, x.run_at, x.not_after,
  x.last_error, x.deleted_at, x.updated_at,
  CASE {wait_reasons} ELSE $WAIT_NONE END AS wait_code,
  CASE WHEN k.hold_until > UTC_TIMESTAMP(6) THEN k.hold_until
    WHEN l.hold_until > UTC_TIMESTAMP(6) THEN l.hold_until ELSE NULL END AS wait_until,
  l.in_flight_pin IS NOT NULL AS in_flight_other, {why_facts}
FROM schedules x
{why_joins}
WHERE x.id = :id AND x.project_id = COALESCE(:project, x.project_id)
