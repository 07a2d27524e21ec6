-- Whose authorization code or refresh token this is.
SELECT user_id FROM sandbox_codes WHERE hash = :hash
UNION ALL SELECT user_id FROM sandbox_tokens WHERE hash = :hash AND kind = 1
LIMIT 1
