-- Edits a planned schedule. :set has the bits of enum pin_field (lib/pin.h) for the times. Order
-- matters: the deadline keeps its distance to run_at, so it is set before run_at is.
UPDATE schedules FORCE INDEX (PRIMARY) SET
  not_after = CASE
    WHEN :set & $PIN_F_NOT_AFTER THEN COALESCE(:not_after,
      IF(:set & $PIN_F_RUN_AT, :run_at, run_at) + INTERVAL :publish_window_s SECOND)
    WHEN :set & $PIN_F_RUN_AT
      THEN :run_at + INTERVAL TIMESTAMPDIFF(MICROSECOND, run_at, not_after) MICROSECOND
    ELSE not_after END,
  run_at = IF(:set & $PIN_F_RUN_AT, :run_at, run_at),
  due_at = run_at,
  {pin_content = :pin_content},
  version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND version = :version AND state = $PIN_PLANNED
  AND deleted_at IS NULL
