-- A user who has not been used for so many days and has no token left, locked.
SELECT u.id FROM sandbox_users u
WHERE u.used_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY
  AND NOT EXISTS (SELECT 1 FROM sandbox_tokens t WHERE t.user_id = u.id)
ORDER BY u.used_at LIMIT 1 FOR UPDATE
