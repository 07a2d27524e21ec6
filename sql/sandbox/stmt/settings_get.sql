-- The settings document, locked for an update.
SELECT doc FROM sandbox_settings WHERE id = 1 FOR UPDATE
