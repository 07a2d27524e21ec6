-- Waiting pins whose window has ended.
SELECT id, project_id, shard, version FROM pins
WHERE deadline_at <= UTC_TIMESTAMP(6) AND shard IN (:shards[64]) ORDER BY deadline_at LIMIT :limit
