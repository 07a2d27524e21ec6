-- Drops a user's codes but the `kept` newest.
DELETE FROM sandbox_codes WHERE user_id = :user AND expires_at <= (
  SELECT expires_at FROM (
    SELECT expires_at FROM sandbox_codes WHERE user_id = :user ORDER BY expires_at DESC LIMIT 1 OFFSET :kept) c)
