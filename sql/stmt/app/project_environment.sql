-- The environment of a project, for a caller whose only credential is a signed state.
SELECT environment FROM projects WHERE id = :project
