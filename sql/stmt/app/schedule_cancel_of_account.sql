-- Cancels planned schedules of a revoked account, in batches.
-- moves: planned -> canceled
UPDATE schedules SET state = $PIN_CANCELED, due_at = NULL, version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE account_id = :account AND state = $PIN_PLANNED AND deleted_at IS NULL
  AND project_id = :project
  AND (SELECT a.revoked_at FROM pinterest_accounts a WHERE a.id = :account) IS NOT NULL
LIMIT 200
