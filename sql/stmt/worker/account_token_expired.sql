-- The access token was refused: it is no longer used and is refreshed immediately; without a
-- refresh token the owner must reconnect the account.
UPDATE pinterest_accounts SET access_expires_at = UTC_TIMESTAMP(6),
  refresh_at = IF(refresh_sealed IS NULL, NULL, UTC_TIMESTAMP(6)),
  health_code = IF(refresh_sealed IS NULL, 'token_expired', health_code),
  health_message = IF(refresh_sealed IS NULL, 'The access token expired.', health_message),
  health = IF(refresh_sealed IS NULL, 1, health), updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND token_version = :version
