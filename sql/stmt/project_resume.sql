-- Lets a project go on.
-- users: app
-- params: project
UPDATE projects SET paused_at = NULL WHERE id = :project
