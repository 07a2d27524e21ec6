-- The clock went back: pins that were to be sent at once, and were accepted later than now, are still
-- to be sent at once. (Assigned from left to right.)
UPDATE pins SET due_at = IF(due_at <= run_at, UTC_TIMESTAMP(6), due_at), run_at = UTC_TIMESTAMP(6)
WHERE deadline_at IS NOT NULL AND state = $PIN_WAITING AND schedule_id IS NULL AND run_at > UTC_TIMESTAMP(6)
