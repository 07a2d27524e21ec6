-- Disconnects an account and wipes its tokens.
UPDATE pinterest_accounts SET revoked_at = UTC_TIMESTAMP(6), access_sealed = NULL,
  refresh_sealed = NULL, token_version = token_version + 1, refresh_at = NULL,
  refresh_started_at = NULL, updated_at = UTC_TIMESTAMP(6)
WHERE project_id = :project AND id = :id AND revoked_at IS NULL
