-- Lanes by when they want to be looked at; those in the past are due, the first other is next.
SELECT id, shard, next_turn_at, UTC_TIMESTAMP(6) AS now FROM lanes
WHERE next_turn_at IS NOT NULL AND shard IN (:shards[64])
ORDER BY next_turn_at LIMIT :limit
