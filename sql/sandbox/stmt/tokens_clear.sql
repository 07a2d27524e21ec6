-- Deletes every token.
-- users: sandbox
DELETE FROM sandbox_tokens
