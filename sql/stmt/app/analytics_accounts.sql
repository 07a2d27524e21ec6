-- Connected accounts of a project that a caller may ask figures of.
SELECT a.id FROM pinterest_accounts a
WHERE a.project_id = :project AND a.revoked_at IS NULL
  AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(a.id)), :allow))
  AND (:account IS NULL OR a.id = :account)
ORDER BY a.created_at, a.id
