-- The row of a sandbox project, if it has none.
INSERT IGNORE INTO apps (environment, project_id) VALUES (:environment, :project)
