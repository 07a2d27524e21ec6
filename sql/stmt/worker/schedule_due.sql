-- Schedules to promote, oldest first, with the fields of the pin's text hash; without those of
-- crowded lanes (nil ids if there are fewer).
SELECT id, project_id, lane_id, shard, version, board_id, title, description, link_url
FROM schedules
WHERE due_at <= UTC_TIMESTAMP(6) AND shard IN (:shards[64]) AND lane_id NOT IN (:crowd[64])
ORDER BY due_at LIMIT :limit
