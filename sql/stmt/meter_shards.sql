-- Each shard's slice of the global bucket.
-- users: app
-- params:
SELECT tokens_u, tokens_at FROM shards
