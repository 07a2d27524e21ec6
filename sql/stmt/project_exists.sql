-- A project's environment.
-- users: ctl
-- params: project
SELECT environment FROM projects WHERE id = :project
