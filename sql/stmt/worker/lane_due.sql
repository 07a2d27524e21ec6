-- Lanes in order of their next turn; those in the past are due, the first later one is next.
SELECT id, shard, next_turn_at, UTC_TIMESTAMP(6) AS now FROM lanes
WHERE next_turn_at IS NOT NULL AND shard IN (:shards[64])
ORDER BY next_turn_at LIMIT :limit
