-- A new password in place of an old one. No row: meanwhile it was changed, or the user disabled.
UPDATE users SET password_hash = :hash
WHERE id = :user AND password_hash = :old AND disabled_at IS NULL
