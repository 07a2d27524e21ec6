-- The same for the slices of the global bucket.
UPDATE shards SET tokens_at = LEAST(tokens_at + INTERVAL :us MICROSECOND, UTC_TIMESTAMP(6))
WHERE shard IN (:shards[64]) AND tokens_at IS NOT NULL
