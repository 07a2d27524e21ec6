-- Connected accounts of a project that a key's allow-list includes, oldest first; behind the account
-- :after, if it is given.
SELECT id, pinterest_user_id, username, display_name, scopes, missing_scopes, health,
  health_message,
  health_checked_at, access_expires_at, paused_at, created_at, updated_at, revoked_at
FROM pinterest_accounts
WHERE project_id = :project AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(id)), :allow))
  AND (revoked_at IS NULL OR :revoked = 1)
  AND (:only IS NULL OR id = :only)
  AND (:after IS NULL OR (created_at >= :key AND (created_at > :key OR id > :after)))
ORDER BY created_at, id
LIMIT :limit OFFSET :offset
