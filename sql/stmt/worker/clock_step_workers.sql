-- After a backward clock step: no worker was seen later than now.
UPDATE workers SET seen_at = UTC_TIMESTAMP(6)
WHERE seen_at > UTC_TIMESTAMP(6) + INTERVAL 2 SECOND
