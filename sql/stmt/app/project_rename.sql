-- Another name.
UPDATE projects SET name = :name WHERE id = :project AND organization_id = :organization
