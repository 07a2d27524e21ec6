-- One key, until the transaction ends.
SELECT id FROM api_keys
WHERE id = :id AND project_id = :project AND revoked_at IS NULL
FOR UPDATE
