-- Ends the sessions of a user in the projects of an organization.
DELETE s FROM sessions s
JOIN projects p ON p.id = s.project_id
WHERE s.user_id = :user AND p.organization_id = :organization
