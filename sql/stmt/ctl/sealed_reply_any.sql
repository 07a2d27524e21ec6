-- Is there a stored reply? Replies are sealed too.
SELECT EXISTS (SELECT 1 FROM idempotency_keys WHERE kind = 2 AND reply_sealed IS NOT NULL) AS found
