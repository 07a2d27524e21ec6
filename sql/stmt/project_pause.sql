-- Holds everything of a project.
-- users: app
-- params: project
UPDATE projects SET paused_at = UTC_TIMESTAMP(6) WHERE id = :project
