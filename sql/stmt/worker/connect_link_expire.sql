-- Deletes links to connect an account that expired :days ago.
DELETE FROM connect_links WHERE expires_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT :limit
