-- Every lease ends and none begins (shard_release_recovery): a worker that hangs somewhere can write nothing
-- any more, and one that starts too early gets nothing. What left since of the whole is not known.
UPDATE shards SET owner = :owner, host_id = NULL, lease_until = '9999-12-31', epoch = epoch + 1,
  seq = seq + 1, microtokens = 0, tokens_at = UTC_TIMESTAMP(6)
