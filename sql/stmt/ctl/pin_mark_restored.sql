-- Marks every pin that may have been sent since the backup to be looked up first, once the last
-- create of that time would be listed. An earlier restore may go further back. Times until the
-- look-up in microseconds, by environment.
-- moves: waiting -> verifying, sending -> verifying
UPDATE pins SET state = $PIN_VERIFYING, deadline_at = NULL, absent_at = NULL, verify_first = 0,
  maybe_sent_since = LEAST(COALESCE(maybe_sent_since, :since), :since), version = version + 1,
  updated_at = UTC_TIMESTAMP(6),
  due_at = UTC_TIMESTAMP(6) + INTERVAL IF((SELECT l.environment FROM lanes l
    WHERE l.id = pins.lane_id) = 1, :verify_after_sandbox, :verify_after_production) MICROSECOND
WHERE id > :after AND id <= :to AND state IN ($PIN_WAITING, $PIN_SENDING, $PIN_VERIFYING)
  AND run_at <= UTC_TIMESTAMP(6)
  AND deleted_at IS NULL
