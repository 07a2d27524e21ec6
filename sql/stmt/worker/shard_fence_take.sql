-- The fence: a write on every shard of the transaction. Epochs are compared under these locks.
UPDATE shards SET seq = seq + 1 WHERE shard IN (:shards[64]) AND owner = :owner
