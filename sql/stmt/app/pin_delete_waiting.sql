-- Deletes a pin that was not sent. The worker's intent checks state and version, and then fails.
UPDATE pins FORCE INDEX (PRIMARY) SET
  deleted_at = UTC_TIMESTAMP(6), due_at = NULL, deadline_at = NULL,
  version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND version = :version AND state = $PIN_WAITING
  AND deleted_at IS NULL
