-- Makes the worker refresh a token that was refused or has expired, unless it has been replaced.
UPDATE pinterest_accounts
SET refresh_at = LEAST(COALESCE(refresh_at, UTC_TIMESTAMP(6)), UTC_TIMESTAMP(6))
WHERE project_id = :project AND id = :id AND token_version = :version
  AND refresh_sealed IS NOT NULL AND revoked_at IS NULL AND health = 0
