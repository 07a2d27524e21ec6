-- Disables a user, or enables one.
UPDATE users SET disabled_at = IF(:disabled, COALESCE(disabled_at, UTC_TIMESTAMP(6)), NULL)
WHERE id = :user
