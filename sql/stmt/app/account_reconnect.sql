-- Reconnects a Pinterest user: new tokens, health and revocation cleared.
UPDATE pinterest_accounts SET lane_id = :lane, shard = :shard, username = :username,
  display_name = :display, scopes = :scopes, missing_scopes = :missing, access_sealed = :access,
  refresh_sealed = :refresh, token_version = token_version + 1,
  access_expires_at = UTC_TIMESTAMP(6) + INTERVAL :life SECOND,
  refresh_expires_at = UTC_TIMESTAMP(6) + INTERVAL :refresh_life SECOND,
  refresh_at = UTC_TIMESTAMP(6) + INTERVAL :early SECOND, refresh_started_at = NULL,
  health = :health, health_code = :health_code, health_message = LEFT(:health_message, 500),
  health_checked_at = UTC_TIMESTAMP(6), boards_at = NULL, revoked_at = NULL,
  updated_at = UTC_TIMESTAMP(6)
WHERE project_id = :project AND id = :id AND pinterest_user_id = :user
