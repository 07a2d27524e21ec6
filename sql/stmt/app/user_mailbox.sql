-- A person's address.
SELECT email, email_verified FROM users WHERE id = :user AND disabled_at IS NULL
