-- A waiting pin fails without having been sent.
-- params: project, id, version, code, message
-- moves: waiting -> failed
UPDATE pins SET state = $PIN_FAILED, due_at = NULL, deadline_at = NULL, error_code = :code,
  error_message = :message, failed_at = UTC_TIMESTAMP(6), version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND version = :version AND state = $PIN_WAITING
  AND deleted_at IS NULL
