-- The clock was set by :us: buckets go by the new one, as full as they were.
UPDATE lanes SET tokens_at = LEAST(tokens_at + INTERVAL :us MICROSECOND, UTC_TIMESTAMP(6))
WHERE shard IN (:shards[64]) AND tokens_at IS NOT NULL
