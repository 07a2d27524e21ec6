-- Stores new tokens if the old ones are still there; without a new refresh token the old one stays,
-- without scopes (NULL) the old ones and what is said about them. The message is set before health.
UPDATE pinterest_accounts SET access_sealed = :access,
  refresh_sealed = COALESCE(:refresh, refresh_sealed), token_version = token_version + 1,
  access_expires_at = UTC_TIMESTAMP(6) + INTERVAL :life SECOND,
  refresh_expires_at = COALESCE(UTC_TIMESTAMP(6) + INTERVAL :refresh_life SECOND,
    refresh_expires_at),
  refresh_at = UTC_TIMESTAMP(6) + INTERVAL :early SECOND, refresh_started_at = NULL,
  scopes = COALESCE(:scopes, scopes), missing_scopes = COALESCE(:missing, missing_scopes),
  health_message = IF(:scopes IS NULL AND health = 0, health_message, :health_message),
  health = :health, health_code = :health_code, health_checked_at = UTC_TIMESTAMP(6),
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND token_version = :version AND revoked_at IS NULL
