-- Whose an account is.
-- params: account
SELECT project_id FROM pinterest_accounts WHERE id = :account AND revoked_at IS NULL
