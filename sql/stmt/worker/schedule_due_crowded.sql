-- Like schedule_due.sql, for crowded lanes only.
SELECT id, project_id, lane_id, shard, version, board_id, title, description, link_url
FROM schedules
WHERE due_at <= UTC_TIMESTAMP(6) AND shard IN (:shards[64]) AND lane_id IN (:crowd[64])
ORDER BY due_at LIMIT :limit
