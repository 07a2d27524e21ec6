-- The last attempts of one pin, oldest first; `project` NULL: of any project, for the operator.
-- users: app ctl
SELECT number, opened_at, gate_at, closed_at, outcome, http_status, pinterest_code, message,
  request_id, rule, next_at
FROM (SELECT * FROM attempts WHERE pin_id = :pin AND project_id = COALESCE(:project, project_id)
  ORDER BY number DESC LIMIT :most) t
ORDER BY number
