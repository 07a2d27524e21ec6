-- Workers may take the shards again.
-- users: ctl
-- params: owner
UPDATE shards SET owner = NULL, lease_until = NULL, epoch = epoch + 1, seq = seq + 1
WHERE owner = :owner
