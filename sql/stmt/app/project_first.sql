-- The project of an organization in which a new session works: its production project.
SELECT id FROM projects WHERE organization_id = :organization
ORDER BY environment, created_at
LIMIT 1
