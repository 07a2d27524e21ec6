-- A newly connected account.
INSERT INTO pinterest_accounts (id, project_id, lane_id, shard, pinterest_user_id, username,
  display_name, scopes, missing_scopes, access_sealed, refresh_sealed, token_version,
  access_expires_at, refresh_expires_at, refresh_at, health, health_code, health_message,
  health_checked_at, created_at, updated_at)
VALUES (:id, :project, :lane, :shard, :user, :username, :display, :scopes, :missing, :access,
  :refresh, 1, UTC_TIMESTAMP(6) + INTERVAL :life SECOND,
  UTC_TIMESTAMP(6) + INTERVAL :refresh_life SECOND, UTC_TIMESTAMP(6) + INTERVAL :early SECOND,
  :health, :health_code, LEFT(:health_message, 500), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
