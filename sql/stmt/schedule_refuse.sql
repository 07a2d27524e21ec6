-- A schedule that cannot be promoted fails where its owner can see it.
-- users: worker
-- params: project, id, version, message
UPDATE schedules SET state = 5, due_at = NULL, last_error = :message, version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND state = 0 AND version = :version
