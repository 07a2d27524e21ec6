-- The sandbox of an organization.
SELECT id FROM projects WHERE sandbox_of = :organization
