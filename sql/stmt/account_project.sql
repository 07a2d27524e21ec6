-- Whose an account is.
-- users: ctl
-- params: account
SELECT project_id FROM pinterest_accounts WHERE id = :account AND revoked_at IS NULL
