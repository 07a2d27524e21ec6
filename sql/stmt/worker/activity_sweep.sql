-- Deletes activity that a reset left behind.
DELETE FROM activity_logs WHERE project_id = :project LIMIT :limit
