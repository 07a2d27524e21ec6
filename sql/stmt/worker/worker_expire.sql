-- Deletes workers not seen for :days.
DELETE FROM workers WHERE seen_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT :limit
