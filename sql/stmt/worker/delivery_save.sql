-- Saves a delivery after attempt :number. One canceled meanwhile stays canceled.
UPDATE deliveries SET state = :state, due_at = :due, attempts = :number, step = :step,
  last_status = :status, last_error = :error,
  delivered_at = IF(:state = $DELIVER_DELIVERED, UTC_TIMESTAMP(6), NULL),
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND state = $DELIVER_PENDING
