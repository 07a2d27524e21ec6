-- Promotes a schedule, before its pin is created in the same transaction. A restored one must be
-- looked up first.
-- moves: planned -> waiting, planned -> verifying
UPDATE schedules FORCE INDEX (PRIMARY) SET
  state = IF(maybe_sent_since IS NULL, $PIN_WAITING, $PIN_VERIFYING),
  due_at = NULL, pin_id = :pin,
  version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND state = $PIN_PLANNED AND version = :version
  AND due_at <= UTC_TIMESTAMP(6) AND deleted_at IS NULL
