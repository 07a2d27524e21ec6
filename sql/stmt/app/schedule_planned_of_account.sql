-- Planned schedules of a revoked account, a few.
-- params: project, account
SELECT s.id, s.version FROM schedules s JOIN pinterest_accounts a ON a.id = s.account_id
WHERE s.account_id = :account AND s.state = $PIN_PLANNED AND s.deleted_at IS NULL
  AND s.project_id = :project AND a.revoked_at IS NOT NULL
LIMIT 200
