-- How many pins a user has, deleted ones apart.
-- users: sandbox
-- params: user
SELECT COUNT(*), IFNULL(SUM(deleted_at IS NOT NULL), 0) FROM sandbox_pins WHERE user_id = :user
