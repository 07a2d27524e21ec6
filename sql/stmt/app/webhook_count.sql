-- How many webhooks a project has.
SELECT COUNT(*) AS total FROM webhooks WHERE project_id = :project AND deleted_at IS NULL
