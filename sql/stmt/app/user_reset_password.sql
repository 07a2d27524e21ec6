-- A new password for who can read the mail to the address, which is verified by that.
UPDATE users SET password_hash = :hash, email_verified = 1
WHERE id = :user AND email = :email AND disabled_at IS NULL
