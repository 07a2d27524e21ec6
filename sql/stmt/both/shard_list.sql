-- All shards.
-- users: worker ctl
SELECT shard, owner, host_id, epoch, COALESCE(lease_until <= UTC_TIMESTAMP(6), 1) AS lapsed,
  UTC_TIMESTAMP(6) AS now
FROM shards ORDER BY shard
