-- Accounts of a project, connected or not any more, that a dashboard is about.
SELECT a.id FROM pinterest_accounts a
WHERE a.project_id = :project AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(a.id)), :allow))
  AND (:account IS NULL OR a.id = :account)
