-- How many active keys a project has.
SELECT LEAST(COUNT(*), :most) AS used FROM api_keys
WHERE project_id = :owner AND revoked_at IS NULL
