-- Every lane is looked at, with an empty bucket: what left since is not known.
-- users: ctl
UPDATE lanes SET work_at = UTC_TIMESTAMP(6), tokens_u = 0, tokens_at = UTC_TIMESTAMP(6)
