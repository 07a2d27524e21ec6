-- When the next waiting pin's window ends, past or future.
SELECT deadline_at AS next_at, UTC_TIMESTAMP(6) AS now FROM pins
WHERE deadline_at IS NOT NULL AND shard IN (:shards[64]) ORDER BY deadline_at LIMIT 1
