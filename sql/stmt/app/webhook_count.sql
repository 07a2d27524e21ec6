-- How many webhooks a project has.
SELECT LEAST(COUNT(*), :most) AS used FROM webhooks
WHERE project_id = :owner AND deleted_at IS NULL
