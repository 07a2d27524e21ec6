-- Name of an organization.
-- params: organization
SELECT name FROM organizations WHERE id = :organization
