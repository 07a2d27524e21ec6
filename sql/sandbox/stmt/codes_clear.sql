-- Deletes every authorization code.
DELETE FROM sandbox_codes
