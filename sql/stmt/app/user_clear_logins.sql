-- Clears failed logins after a successful one.
UPDATE users SET failed_logins = 0, failed_login_at = NULL WHERE id = :user
