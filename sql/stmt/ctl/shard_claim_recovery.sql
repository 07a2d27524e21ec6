-- Ends every lease and allows no new one (until shard_release_recovery): a worker that hangs can no
-- longer write, and one that starts too early gets nothing. Global creates since the backup are
-- unknown.
UPDATE shards SET owner = :owner, host_id = NULL, lease_until = '9999-12-31', epoch = epoch + 1,
  seq = seq + 1, microtokens = 0, tokens_at = UTC_TIMESTAMP(6)
