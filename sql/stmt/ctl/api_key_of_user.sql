-- The keys that a user created and that work.
SELECT id, project_id FROM api_keys WHERE created_by = :user AND revoked_at IS NULL
