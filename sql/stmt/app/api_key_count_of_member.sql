-- How many keys that work a user created in an organization.
SELECT COUNT(*) AS total
FROM api_keys k
JOIN projects p ON p.id = k.project_id
WHERE p.organization_id = :organization AND k.created_by = :user AND k.revoked_at IS NULL
