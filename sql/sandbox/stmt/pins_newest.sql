-- A user's newest pins.
SELECT id FROM sandbox_pins WHERE user_id = :user AND deleted_at IS NULL ORDER BY id DESC LIMIT :limit
