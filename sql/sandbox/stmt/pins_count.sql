-- How many pins a user has, and how many are deleted, as JSON.
SELECT JSON_OBJECT('pins', COUNT(IF(deleted_at IS NULL, 1, NULL)), 'deleted', COUNT(deleted_at)) AS counts
FROM sandbox_pins WHERE user_id = :user
