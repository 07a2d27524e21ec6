-- The sandbox of an organization.
-- params: organization
SELECT id FROM projects WHERE sandbox_of = :organization
