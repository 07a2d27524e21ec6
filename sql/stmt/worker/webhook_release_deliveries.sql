-- After the circuit breaker has closed: deliveries that waited for it without an attempt are due,
-- oldest first.
UPDATE deliveries SET due_at = created_at
WHERE webhook_id = :id AND state = $DELIVER_PENDING AND attempts = 0 AND due_at > UTC_TIMESTAMP(6)
ORDER BY created_at
LIMIT 1000
