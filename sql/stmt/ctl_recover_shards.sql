-- Every lease ends: a worker that hangs somewhere can write nothing any more.
-- users: ctl
UPDATE shards SET owner = NULL, host_id = NULL, lease_until = NULL, epoch = epoch + 1, seq = seq + 1
