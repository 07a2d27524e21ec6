-- The sealed access token of an account, and whether it is still valid.
SELECT access_sealed, token_version, COALESCE(access_expires_at <= UTC_TIMESTAMP(6), 0) AS expired,
  revoked_at IS NOT NULL AS revoked, health, health_code, health_message
FROM pinterest_accounts
WHERE project_id = :project AND id = :id
