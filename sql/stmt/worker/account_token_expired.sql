-- The access token was refused: not used any more, refreshed at once; without a refresh token the
-- account needs its owner.
UPDATE pinterest_accounts SET access_expires_at = UTC_TIMESTAMP(6),
  refresh_at = IF(refresh_sealed IS NULL, NULL, UTC_TIMESTAMP(6)),
  health_code = IF(refresh_sealed IS NULL, 'token_expired', health_code),
  health_message = IF(refresh_sealed IS NULL, 'The access token expired.', health_message),
  health = IF(refresh_sealed IS NULL, 1, health), updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND token_version = :version
