-- The settings, for an update of them.
-- users: sandbox
SELECT doc FROM sandbox_settings WHERE id = 1 FOR UPDATE
