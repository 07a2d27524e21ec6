-- Each shard's slice of the global bucket.
SELECT microtokens, tokens_at FROM shards
