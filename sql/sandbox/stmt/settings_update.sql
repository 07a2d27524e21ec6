-- Replaces the settings.
-- users: sandbox
-- params: doc
UPDATE sandbox_settings SET doc = :doc WHERE id = 1
