-- How many connected accounts a project has.
SELECT LEAST(COUNT(*), :most) AS used FROM pinterest_accounts
WHERE project_id = :owner AND revoked_at IS NULL
