-- The settings document, locked for an update.
-- users: sandbox
SELECT doc FROM sandbox_settings WHERE id = 1 FOR UPDATE
