-- A key by its id or by the hash of its text; the other one is NULL.
SELECT id, project_id, name, revoked_at FROM api_keys WHERE id = :id OR key_hash = :hash
