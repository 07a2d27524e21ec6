-- Drops a user's pins up to this one.
DELETE FROM sandbox_pins WHERE user_id = :user AND id <= :id LIMIT 1000
