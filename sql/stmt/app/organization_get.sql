-- Name of an organization.
SELECT name FROM organizations WHERE id = :organization
