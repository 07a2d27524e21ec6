-- How many users there are.
SELECT COUNT(*) FROM users
