-- Deletes every board.
-- users: sandbox
DELETE FROM sandbox_boards
