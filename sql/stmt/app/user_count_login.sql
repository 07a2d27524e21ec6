-- Counts a failed login, over ten minutes from the first; no row: ten failed, this one is not
-- tried.
UPDATE users SET
  failed_logins = IF(failed_login_at > UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE, failed_logins + 1, 1),
  failed_login_at = IF(failed_login_at > UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE, failed_login_at,
    UTC_TIMESTAMP(6))
WHERE id = :user
  AND (failed_login_at IS NULL OR failed_logins < 10
    OR failed_login_at <= UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE)
