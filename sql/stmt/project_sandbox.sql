-- The sandbox of an organization.
-- users: app
-- params: organization
SELECT id FROM projects WHERE sandbox_of = :organization
