-- The address of a user is known to be theirs.
UPDATE users SET email_verified = 1 WHERE id = :user AND email_verified = 0
