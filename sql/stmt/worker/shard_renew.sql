-- Renews leases; a lapsed lease that no other worker took keeps its epoch.
UPDATE shards SET lease_until = UTC_TIMESTAMP(6) + INTERVAL :lease MICROSECOND
WHERE shard IN (:shards[64]) AND owner = :owner
