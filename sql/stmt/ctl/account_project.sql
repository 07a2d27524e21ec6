-- The project of an account.
SELECT project_id FROM pinterest_accounts WHERE id = :account AND revoked_at IS NULL
