-- Deletes sessions that expired :days ago.
DELETE FROM sessions WHERE expires_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT :limit
