-- A pending delivery is due at :due: it waits, or is under way and comes back if its worker dies.
UPDATE deliveries SET due_at = :due WHERE id = :id AND state = $DELIVER_PENDING
