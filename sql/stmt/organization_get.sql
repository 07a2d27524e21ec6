-- Name of an organization.
-- users: app
-- params: organization
SELECT name FROM organizations WHERE id = :organization
