-- An API key made by the operator.
INSERT INTO api_keys (id, project_id, key_hash, name, scopes, created_at)
VALUES (:id, :project, :hash, :name, :scopes, UTC_TIMESTAMP(6))
