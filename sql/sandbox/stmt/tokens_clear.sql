-- Deletes every token.
DELETE FROM sandbox_tokens
