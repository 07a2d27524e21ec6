-- Withdraws a link.
UPDATE connect_links SET revoked_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND revoked_at IS NULL
  AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(account_id)), :allow))
