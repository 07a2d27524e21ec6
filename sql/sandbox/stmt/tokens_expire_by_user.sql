-- Expires a user's tokens of one kind now.
UPDATE sandbox_tokens SET expires_at = UTC_TIMESTAMP(6) WHERE user_id = :user AND kind = :kind
  AND expires_at > UTC_TIMESTAMP(6)
