-- Forgets every row of sandbox_windows.
-- users: sandbox
DELETE FROM sandbox_windows
