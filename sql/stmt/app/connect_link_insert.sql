-- A link to connect an account. Only the hash of its text is stored.
INSERT INTO connect_links (id, project_id, token_hash, account_id, name, return_to, user_id, key_id,
  created_at, expires_at)
VALUES (:id, :project, :hash, :account, :name, :return_to, :user, :key, :created, :expires)
