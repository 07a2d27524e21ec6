-- Plans a failed schedule without a pin again; if its time has passed, it is due immediately.
-- moves: failed -> planned
UPDATE schedules FORCE INDEX (PRIMARY) SET
  state = $PIN_PLANNED, due_at = run_at, pin_id = NULL, last_error = NULL,
  not_after = GREATEST(not_after, UTC_TIMESTAMP(6) + INTERVAL :publish_window_s SECOND),
  version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND version = :version AND state = $PIN_FAILED
  AND deleted_at IS NULL
