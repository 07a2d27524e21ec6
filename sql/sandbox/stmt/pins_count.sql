-- A user's pins, and how many of them are deleted.
SELECT COUNT(*) AS pins, IFNULL(SUM(deleted_at IS NOT NULL), 0) AS deleted FROM sandbox_pins WHERE user_id = :user
