-- Deletes a board.
-- users: sandbox
-- params: user, id
DELETE FROM sandbox_boards WHERE id = :id AND user_id = :user
