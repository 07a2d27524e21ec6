-- A good login: earlier failures are forgotten.
UPDATE users SET failed_logins = 0, failed_login_at = NULL WHERE id = :user
