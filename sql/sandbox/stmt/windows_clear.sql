-- Deletes every rate window.
-- users: sandbox
DELETE FROM sandbox_windows
