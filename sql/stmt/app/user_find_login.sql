-- The user of an address, the password's hash, whether the operator disabled the user, and how long
-- logins are blocked after ten failures.
SELECT id, password_hash, disabled_at IS NOT NULL AS disabled,
  TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), failed_login_at + INTERVAL 10 MINUTE) + 1 AS wait_s
FROM users
WHERE email = :email
