-- Cancels the pending deliveries of a deleted webhook.
UPDATE deliveries SET state = $DELIVER_CANCELED, due_at = NULL, updated_at = UTC_TIMESTAMP(6)
WHERE webhook_id = :id AND project_id = :project AND state = $DELIVER_PENDING
