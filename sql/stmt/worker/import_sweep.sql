-- Deletes imports, whose rows are gone that a reset left behind.
DELETE FROM imports WHERE project_id = :project LIMIT :limit
