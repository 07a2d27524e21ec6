-- Replaces the settings.
UPDATE sandbox_settings SET doc = :doc WHERE id = 1
