-- After the fence: what is left of the shard's slice of the global bucket.
UPDATE shards SET microtokens = :tokens, tokens_at = :tokens_at WHERE shard = :shard
