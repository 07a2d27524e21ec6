-- The number of users.
SELECT COUNT(*) AS total FROM users
