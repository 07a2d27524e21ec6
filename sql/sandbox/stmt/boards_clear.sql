-- Deletes every board.
DELETE FROM sandbox_boards
