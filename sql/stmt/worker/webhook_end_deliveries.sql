-- Cancels the pending deliveries of a disabled webhook.
UPDATE deliveries SET state = $DELIVER_CANCELED, due_at = NULL, last_error = 'the endpoint is gone',
  updated_at = UTC_TIMESTAMP(6)
WHERE webhook_id = :id AND state = $DELIVER_PENDING
