-- Makes a pending delivery due at :due: because it waits, or is in flight and must be retried if
-- its worker dies.
UPDATE deliveries SET due_at = :due WHERE id = :id AND state = $DELIVER_PENDING
