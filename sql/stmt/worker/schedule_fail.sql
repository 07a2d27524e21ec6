-- Fails a schedule that cannot be promoted.
-- moves: planned -> failed
UPDATE schedules FORCE INDEX (PRIMARY) SET
  state = $PIN_FAILED, due_at = NULL, last_error = :message,
  version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND state = $PIN_PLANNED AND version = :version
