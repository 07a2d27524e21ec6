-- Forgets every row of sandbox_codes.
-- users: sandbox
DELETE FROM sandbox_codes
