-- The name of an organization.
SELECT name FROM organizations WHERE id = :organization
