-- Keeps a user as found until the end of the transaction. No row: meanwhile the password was changed
-- or the user disabled, which also ended the user's sessions.
SELECT id FROM users
WHERE id = :user AND password_hash = :hash AND disabled_at IS NULL
FOR UPDATE
