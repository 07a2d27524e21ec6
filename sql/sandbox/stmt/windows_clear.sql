-- Deletes every rate window.
DELETE FROM sandbox_windows
