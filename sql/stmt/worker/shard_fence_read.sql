-- The fence's epoch and slice of the global bucket.
SELECT shard, epoch, microtokens, tokens_at, UTC_TIMESTAMP(6) AS now
FROM shards WHERE shard IN (:shards[64]) AND owner = :owner
