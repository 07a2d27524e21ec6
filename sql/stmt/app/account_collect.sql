-- Notes that an account's figures are to be read anew, unless that was asked for less than :seconds ago.
UPDATE pinterest_accounts SET collected_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND revoked_at IS NULL
  AND (collected_at IS NULL OR collected_at <= UTC_TIMESTAMP(6) - INTERVAL :seconds SECOND)
