-- Drops tokens that ended so many days ago.
DELETE FROM sandbox_tokens WHERE expires_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT 1000
