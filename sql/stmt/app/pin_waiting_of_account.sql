-- Waiting pins of a revoked account, one batch.
SELECT p.id
FROM pins p JOIN pinterest_accounts a ON a.id = p.account_id
WHERE p.account_id = :account AND p.state = $PIN_WAITING AND p.deleted_at IS NULL
  AND p.project_id = :project AND a.revoked_at IS NOT NULL
LIMIT 64
