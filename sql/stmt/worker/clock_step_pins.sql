-- After a backward clock step: pins to be sent at once that were accepted later than now are still
-- sent at once. (Assigned from left to right.)
UPDATE pins SET due_at = IF(due_at <= run_at, UTC_TIMESTAMP(6), due_at), run_at = UTC_TIMESTAMP(6)
WHERE deadline_at IS NOT NULL AND state = $PIN_WAITING AND schedule_id IS NULL
  AND run_at > UTC_TIMESTAMP(6)
