-- The latest schedule with an external id, of the accounts of the caller.
SELECT p.id
FROM schedules p
WHERE p.project_id = :project AND p.external_id = :external AND p.deleted_at IS NULL
  AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(p.account_id)), :allow))
ORDER BY p.run_at DESC, p.id DESC
LIMIT 1
