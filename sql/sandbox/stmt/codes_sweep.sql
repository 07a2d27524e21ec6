-- Drops codes that have expired.
DELETE FROM sandbox_codes WHERE expires_at < UTC_TIMESTAMP(6) LIMIT 1000
