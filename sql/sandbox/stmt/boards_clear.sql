-- Forgets every row of sandbox_boards.
-- users: sandbox
DELETE FROM sandbox_boards
