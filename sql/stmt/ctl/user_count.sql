-- How many users there are.
SELECT COUNT(*) AS total FROM users
