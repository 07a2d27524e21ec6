-- Deletes schedules that a reset left behind.
DELETE FROM schedules WHERE project_id = :project LIMIT :limit
