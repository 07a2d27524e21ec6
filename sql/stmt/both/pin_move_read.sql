-- Pins about to be moved, each with the identity of its last attempt.
-- users: app worker ctl
SELECT p.id, p.project_id, p.state, p.version, p.attempts, p.schedule_id, p.account_id, p.run_at,
  p.board_id, {p.pin_labels}, t.worker_id, t.opened_at, j.environment,
  UTC_TIMESTAMP(6) AS now
FROM pins p JOIN projects j ON j.id = p.project_id
LEFT JOIN attempts t ON t.pin_id = p.id AND t.number = p.attempts
WHERE p.id IN (:ids[64]) AND p.project_id IN (:projects[64]) AND p.deleted_at IS NULL
