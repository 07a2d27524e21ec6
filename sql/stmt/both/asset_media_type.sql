-- An uploaded file of a project: image 0, video 1.
-- users: app worker
SELECT media_type FROM assets WHERE id = :id AND project_id = :project AND deleted_at IS NULL
