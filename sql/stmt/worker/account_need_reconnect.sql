-- The owner must reconnect the account, unless it has got another token meanwhile.
UPDATE pinterest_accounts SET health = 1, health_code = :code, health_message = LEFT(:message, 500),
  missing_scopes = COALESCE(:missing, missing_scopes),
  health_checked_at = UTC_TIMESTAMP(6), updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND token_version = :version AND health = 0
