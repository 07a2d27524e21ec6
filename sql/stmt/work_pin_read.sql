-- A pin about to change state, with its last attempt's identity.
-- users: worker
-- params: project, id
SELECT p.state, p.version, p.attempts, p.schedule_id, p.account_id, p.lane_id, p.run_at,
  p.board_id, p.external_id, p.campaign, t.worker_id, t.opened_at, j.environment,
  UTC_TIMESTAMP(6)
FROM pins p JOIN projects j ON j.id = p.project_id
LEFT JOIN attempts t ON t.pin_id = p.id AND t.n = p.attempts
WHERE p.id = :id AND p.project_id = :project AND p.deleted_at IS NULL
