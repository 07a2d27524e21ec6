-- Leases a shard if it is as it was read: free, lapsed, or left behind by a dead worker of this
-- host.
UPDATE shards SET owner = :owner, host_id = :host, epoch = epoch + 1, seq = seq + 1,
  lease_until = UTC_TIMESTAMP(6) + INTERVAL :lease MICROSECOND
WHERE shard = :shard AND epoch = :epoch AND (owner IS NULL OR lease_until IS NULL
  OR lease_until <= UTC_TIMESTAMP(6) OR (:same_host = 1 AND host_id = :host))
