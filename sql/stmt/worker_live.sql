-- How many workers are alive, and how many of them others than this one and resident.
-- users: worker
-- params: id, lease
SELECT COUNT(*), COALESCE(SUM(resident = 1 AND id <> :id), 0), UTC_TIMESTAMP(6)
FROM workers
WHERE stopped_at IS NULL AND seen_at > UTC_TIMESTAMP(6) - INTERVAL :lease MICROSECOND
