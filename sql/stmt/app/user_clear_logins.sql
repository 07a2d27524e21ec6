-- Clears failed logins after a successful one. No row: meanwhile the password was changed or the
-- user disabled, which also ended the user's sessions.
UPDATE users SET failed_logins = 0, failed_login_at = NULL
WHERE id = :user AND password_hash = :hash AND disabled_at IS NULL
