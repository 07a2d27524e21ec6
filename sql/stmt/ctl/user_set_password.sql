-- A new password.
UPDATE users SET password_hash = :hash WHERE id = :user
