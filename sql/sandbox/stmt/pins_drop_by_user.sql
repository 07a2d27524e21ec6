-- Drops a user's pins, the deleted ones too.
DELETE FROM sandbox_pins WHERE user_id = :user
