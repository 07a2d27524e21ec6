-- Drops a user's tokens of one kind but the `kept` newest.
DELETE FROM sandbox_tokens WHERE user_id = :user AND kind = :kind AND created_at <= (
  SELECT created_at FROM (
    SELECT created_at FROM sandbox_tokens WHERE user_id = :user AND kind = :kind
    ORDER BY created_at DESC LIMIT 1 OFFSET :kept) t)
