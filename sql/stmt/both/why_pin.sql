-- All that decides what becomes of one pin; `project` NULL: of any project, for the operator.
-- users: app ctl
SELECT x.id, x.project_id, x.account_id, x.schedule_id, x.state, x.title, x.run_at, x.not_after,
  x.due_at, x.retries_spent, x.error_code, x.error_message, x.pinterest_pin_id, x.confirmed_by,
  x.published_at, x.failed_at, x.removed_at, x.deleted_at, x.absent_at, x.candidates,
  w.wait_code, w.wait_until, COALESCE(l.in_flight_pin <> x.id, 0) AS in_flight_other, {why_facts}
FROM pins x
JOIN waiting w ON w.pin_id = x.id
{why_joins}
WHERE x.id = :id AND x.project_id = COALESCE(:project, x.project_id)
