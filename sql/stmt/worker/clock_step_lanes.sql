-- After a clock step of :us: buckets follow the new clock, with the same number of tokens.
UPDATE lanes SET tokens_at = LEAST(tokens_at + INTERVAL :us MICROSECOND, UTC_TIMESTAMP(6))
WHERE shard IN (:shards[64]) AND tokens_at IS NOT NULL
