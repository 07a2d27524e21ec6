-- Deletes a board.
DELETE FROM sandbox_boards WHERE id = :id AND user_id = :user
