-- Releases a shard; the next owner raises the epoch.
UPDATE shards SET owner = NULL, host_id = NULL, lease_until = NULL, seq = seq + 1
WHERE shard IN (:shards[64]) AND owner = :owner
