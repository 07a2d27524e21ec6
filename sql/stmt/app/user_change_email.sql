-- Another address, which is verified.
UPDATE users SET email = :email, email_verified = 1 WHERE id = :user AND disabled_at IS NULL
