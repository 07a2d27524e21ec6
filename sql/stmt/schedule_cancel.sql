-- Cancels a schedule that is still in the state it was read in.
-- users: app
-- params: project, id, version, state
UPDATE schedules SET state = 6, due_at = NULL, version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND version = :version AND state = :state
  AND deleted_at IS NULL
