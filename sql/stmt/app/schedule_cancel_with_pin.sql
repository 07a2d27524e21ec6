-- Cancels a schedule whose waiting pin is deleted.
-- moves: waiting -> canceled
UPDATE schedules FORCE INDEX (PRIMARY) SET
  state = $PIN_CANCELED, due_at = NULL, version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND pin_id = :pin AND state = $PIN_WAITING
  AND deleted_at IS NULL
