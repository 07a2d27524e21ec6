-- The environment of a project, for a caller that has no credential but a signed state.
SELECT environment FROM projects WHERE id = :project
