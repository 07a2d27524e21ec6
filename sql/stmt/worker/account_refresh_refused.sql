-- The grant was revoked: the owner must reconnect the account.
UPDATE pinterest_accounts SET health = 1, health_code = :code, health_message = :message,
  health_checked_at = UTC_TIMESTAMP(6), refresh_at = NULL, refresh_started_at = NULL,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND token_version = :version AND health = 0 AND revoked_at IS NULL
