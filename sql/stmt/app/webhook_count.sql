-- How many webhooks a project has.
-- params: project
SELECT COUNT(*) AS total FROM webhooks WHERE project_id = :project AND deleted_at IS NULL
