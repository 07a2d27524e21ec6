-- The address is the person's; no row: it has another one by now.
UPDATE users SET email_verified = 1 WHERE id = :user AND email = :email AND disabled_at IS NULL
