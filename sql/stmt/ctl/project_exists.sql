-- A project by its shown id.
SELECT p.id, p.environment FROM projects p WHERE {project_shown}
