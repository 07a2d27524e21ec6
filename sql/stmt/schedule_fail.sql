-- A promoted schedule fails with its waiting pin.
-- users: app
-- params: project, id, message
UPDATE schedules SET state = 5, due_at = NULL, last_error = :message, version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND state BETWEEN 1 AND 3 AND deleted_at IS NULL
