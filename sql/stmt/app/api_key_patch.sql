-- Changes a key; NULL name or scopes: unchanged; accounts only if set_accounts.
UPDATE api_keys SET name = COALESCE(:name, name), scopes = COALESCE(:scopes, scopes),
  account_ids = IF(:set_accounts, :accounts, account_ids)
WHERE id = :id AND project_id = :project AND revoked_at IS NULL
