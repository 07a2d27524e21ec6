-- Ends a pending delivery without an attempt.
UPDATE deliveries SET state = :state, due_at = NULL, last_error = :error,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND state = $DELIVER_PENDING
