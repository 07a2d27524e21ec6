-- The links of a project that were not withdrawn (for a key with an allow-list: of its accounts),
-- newest first; behind the link :after, if it is given.
SELECT id, account_id, name, return_to, created_at, expires_at, used_at, connected_account_id
FROM connect_links
WHERE project_id = :project AND revoked_at IS NULL
  AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(account_id)), :allow))
  AND (:after IS NULL OR (created_at <= :key AND (created_at < :key OR id < :after)))
ORDER BY created_at DESC, id DESC
LIMIT :limit OFFSET :offset
