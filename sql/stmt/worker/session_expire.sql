-- Sessions that expired :days ago.
-- params: days, limit
DELETE FROM sessions WHERE expires_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT :limit
