-- Keeps a person as found until the end of the transaction.
SELECT email, email_verified FROM users WHERE id = :user AND disabled_at IS NULL FOR UPDATE
