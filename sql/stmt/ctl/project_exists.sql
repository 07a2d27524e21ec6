-- A project's environment.
SELECT environment FROM projects WHERE id = :project
