-- A breaker has closed: what waited for it without ever being tried is due, oldest first.
UPDATE deliveries SET due_at = created_at
WHERE webhook_id = :id AND state = $DELIVER_PENDING AND attempts = 0 AND due_at > UTC_TIMESTAMP(6)
ORDER BY created_at
LIMIT 1000
