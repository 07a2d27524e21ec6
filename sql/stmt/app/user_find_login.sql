-- The user of an address, the password's hash, and whether the operator disabled the user.
SELECT id, password_hash, disabled_at IS NOT NULL AS disabled
FROM users
WHERE email = :email
