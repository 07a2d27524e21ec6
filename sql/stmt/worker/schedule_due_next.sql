-- When the next schedule is due, past or future.
SELECT due_at AS next_at, UTC_TIMESTAMP(6) AS now FROM schedules
WHERE due_at IS NOT NULL AND shard IN (:shards[64]) ORDER BY due_at LIMIT 1
