-- In how many organizations a user is.
SELECT COUNT(*) AS total FROM memberships WHERE user_id = :user
