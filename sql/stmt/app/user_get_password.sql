-- The hash of a user's password.
SELECT password_hash FROM users WHERE id = :user AND disabled_at IS NULL
