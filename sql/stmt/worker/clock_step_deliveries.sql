-- The clock went back: events that were never delivered are due within a minute; a lease of one under
-- way, or a breaker, puts them off again.
UPDATE deliveries SET due_at = UTC_TIMESTAMP(6) + INTERVAL 60 SECOND
WHERE due_at > UTC_TIMESTAMP(6) + INTERVAL 60 SECOND AND state = $DELIVER_PENDING AND attempts = 0
