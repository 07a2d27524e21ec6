-- A project's environment.
-- params: project
SELECT environment FROM projects WHERE id = :project
