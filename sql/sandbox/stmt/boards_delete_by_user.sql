-- Deletes a user's boards.
DELETE FROM sandbox_boards WHERE user_id = :user
