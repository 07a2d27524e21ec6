-- Who has an address and can log in.
SELECT id FROM users WHERE email = :email AND disabled_at IS NULL
