-- Each shard's slice of the global bucket.
-- users: app
-- params:
SELECT microtokens, tokens_at FROM shards
