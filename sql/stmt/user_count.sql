-- How many users there are.
-- users: ctl
SELECT COUNT(*) FROM users
