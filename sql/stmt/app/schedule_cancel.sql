-- Cancels a schedule if it is still in the state that was read.
-- moves: planned -> canceled, waiting -> canceled
UPDATE schedules FORCE INDEX (PRIMARY) SET
  state = $PIN_CANCELED, due_at = NULL, version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND version = :version AND state = :state
  AND deleted_at IS NULL
