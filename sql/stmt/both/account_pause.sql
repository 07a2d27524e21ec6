-- Pauses or resumes an account; no row if it already is.
-- users: app ctl
UPDATE pinterest_accounts SET paused_at = IF(:on = 1, UTC_TIMESTAMP(6), NULL),
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :account AND project_id = :project AND (paused_at IS NULL) = (:on = 1)
