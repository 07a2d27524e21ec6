-- Deletes tokens of persons that expired :days ago.
DELETE FROM user_tokens WHERE expires_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT :limit
