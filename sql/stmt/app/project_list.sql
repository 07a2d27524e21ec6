-- The projects of an organization: production first.
SELECT id, name, environment, timezone, created_at, paused_at
FROM projects
WHERE organization_id = :organization
ORDER BY environment, created_at, id
