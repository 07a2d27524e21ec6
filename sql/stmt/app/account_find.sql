-- A project's account of a Pinterest user, even if revoked: what it was granted, whether that is in use
-- (usable: a valid token, or one that can be renewed) and whether it can be renewed.
SELECT id, scopes,
  revoked_at IS NULL AND health = 0 AND access_sealed IS NOT NULL
    AND (COALESCE(access_expires_at > UTC_TIMESTAMP(6), 1) OR (refresh_sealed IS NOT NULL
      AND COALESCE(refresh_expires_at > UTC_TIMESTAMP(6), 1))) AS usable,
  refresh_sealed IS NOT NULL AS renewable, revoked_at IS NOT NULL AS revoked
FROM pinterest_accounts WHERE project_id = :project AND pinterest_user_id = :user
FOR UPDATE
