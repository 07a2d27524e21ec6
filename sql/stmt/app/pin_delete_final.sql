-- Deletes a pin that has ended.
UPDATE pins FORCE INDEX (PRIMARY) SET
  deleted_at = UTC_TIMESTAMP(6), due_at = NULL, deadline_at = NULL,
  version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND version = :version
  AND state IN ($PIN_PUBLISHED, $PIN_FAILED)
  AND deleted_at IS NULL
