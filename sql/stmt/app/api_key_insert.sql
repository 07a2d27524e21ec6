-- A new API key. Only the hash of its text is stored.
INSERT INTO api_keys
  (id, project_id, key_hash, name, scopes, account_ids, created_by, created_at)
VALUES (:id, :project, :hash, :name, :scopes, :accounts, :creator, :now)
