-- Workers that nobody has heard of for a week.
-- users: worker
DELETE FROM workers WHERE seen_at < UTC_TIMESTAMP(6) - INTERVAL 7 DAY LIMIT 500
