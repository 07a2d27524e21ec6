-- After a backward clock step: no lease ends later than one given now.
UPDATE shards SET lease_until = UTC_TIMESTAMP(6) + INTERVAL :lease MICROSECOND
WHERE lease_until > UTC_TIMESTAMP(6) + INTERVAL :lease MICROSECOND
