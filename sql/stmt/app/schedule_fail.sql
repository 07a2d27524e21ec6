-- A promoted schedule fails with its waiting pin.
-- params: project, id, message
-- moves: waiting -> failed, sending -> failed, verifying -> failed
UPDATE schedules SET state = $PIN_FAILED, due_at = NULL, last_error = :message, version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND state BETWEEN $PIN_WAITING AND $PIN_VERIFYING AND deleted_at IS NULL
