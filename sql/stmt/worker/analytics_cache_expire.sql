-- Deletes cached figures that are older than :days, and than an hour: none is used for longer.
DELETE FROM analytics_cache
WHERE fetched_at < UTC_TIMESTAMP(6) - INTERVAL 1 HOUR - INTERVAL :days DAY LIMIT :limit
