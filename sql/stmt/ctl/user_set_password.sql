-- A new password; failed logins with the old one are forgotten.
UPDATE users SET password_hash = :hash, failed_logins = 0, failed_login_at = NULL WHERE id = :user
