-- Workers that nobody has heard of for :days.
DELETE FROM workers WHERE seen_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT :limit
