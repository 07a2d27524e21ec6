-- The grant: from now on this pin may be in flight.
-- moves: waiting -> sending
UPDATE pins FORCE INDEX (PRIMARY) SET
  state = $PIN_SENDING, version = version + 1, attempts = attempts + 1, due_at = NULL,
  deadline_at = NULL, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND state = $PIN_WAITING AND version = :version
  AND deleted_at IS NULL AND deadline_at > UTC_TIMESTAMP(6) AND due_at <= UTC_TIMESTAMP(6)
