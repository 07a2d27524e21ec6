-- Lets workers lease shards again.
UPDATE shards SET owner = NULL, lease_until = NULL, epoch = epoch + 1, seq = seq + 1
WHERE owner = :owner
