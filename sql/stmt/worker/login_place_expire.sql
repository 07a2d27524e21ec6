-- Deletes networks that had no good login for :days.
DELETE FROM login_places WHERE good_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT :limit
