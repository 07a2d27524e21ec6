-- Takes back a pin that was not sent: the worker's intent asks for state and version, and fails.
UPDATE pins SET deleted_at = UTC_TIMESTAMP(6), due_at = NULL, deadline_at = NULL,
  version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND version = :version AND state = $PIN_WAITING
  AND deleted_at IS NULL
