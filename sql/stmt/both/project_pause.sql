-- Pauses or resumes a project; no row if it already is.
-- users: app ctl
UPDATE projects SET paused_at = IF(:on = 1, UTC_TIMESTAMP(6), NULL)
WHERE id = :project AND (paused_at IS NULL) = (:on = 1)
