-- The lanes that a project publishes on, in lock order.
-- users: app ctl
SELECT DISTINCT lane_id FROM pinterest_accounts
WHERE project_id = :project AND revoked_at IS NULL ORDER BY lane_id
