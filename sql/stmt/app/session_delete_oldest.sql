-- Ends the oldest sessions of a person but for :keep of them, and never the one that asks.
DELETE s FROM sessions s
JOIN (SELECT token_hash FROM sessions
  WHERE user_id = :user AND NOT token_hash <=> :self
  ORDER BY created_at DESC, token_hash LIMIT 1000 OFFSET :keep) AS oldest
  ON oldest.token_hash = s.token_hash
