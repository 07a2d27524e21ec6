-- Each shard's slice of the global bucket.
-- params:
SELECT microtokens, tokens_at FROM shards
