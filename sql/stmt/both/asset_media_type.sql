-- The type of a project's uploaded file: 0 image, 1 video.
-- users: app worker
SELECT media_type FROM assets WHERE id = :id AND project_id = :project AND deleted_at IS NULL
