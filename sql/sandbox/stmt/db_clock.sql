-- The database's clock.
-- users: app worker ctl sandbox
SELECT UTC_TIMESTAMP(6)
