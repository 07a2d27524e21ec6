-- Every shard as it stands.
-- users: worker ctl
SELECT shard, owner, host_id, epoch, COALESCE(lease_until <= UTC_TIMESTAMP(6), 1), UTC_TIMESTAMP(6)
FROM shards ORDER BY shard
