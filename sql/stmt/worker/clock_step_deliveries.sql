-- After a backward clock step: events never sent are due within a minute; the lease of one in
-- flight, or an open breaker, postpones them again.
UPDATE deliveries SET due_at = UTC_TIMESTAMP(6) + INTERVAL 60 SECOND
WHERE due_at > UTC_TIMESTAMP(6) + INTERVAL 60 SECOND AND state = $DELIVER_PENDING AND attempts = 0
