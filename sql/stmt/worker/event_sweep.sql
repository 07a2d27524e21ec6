-- Deletes events that a reset left behind.
DELETE FROM events WHERE project_id = :project LIMIT :limit
