-- Deletes every authorization code.
-- users: sandbox
DELETE FROM sandbox_codes
