-- Forgets every row of sandbox_tokens.
-- users: sandbox
DELETE FROM sandbox_tokens
