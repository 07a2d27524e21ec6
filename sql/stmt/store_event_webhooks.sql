-- The project's webhooks that want one of the event types in :bit.
-- users: app worker
-- params: project, bit
SELECT id, shard, is_enabled
FROM webhooks
WHERE project_id = :project AND deleted_at IS NULL AND events & :bit
