-- Saves the shard's slice of the global bucket, after the fence.
UPDATE shards SET microtokens = :tokens, tokens_at = :tokens_at WHERE shard = :shard
