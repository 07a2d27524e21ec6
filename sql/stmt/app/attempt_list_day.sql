-- When the last :most creates of an account's lane were opened within 24 hours, of those that may have
-- been sent.
SELECT t.opened_at
FROM attempts t
JOIN pinterest_accounts a ON a.lane_id = t.lane_id
WHERE a.id = :account AND a.project_id = :project
  AND t.opened_at > UTC_TIMESTAMP(6) - INTERVAL 1 DAY
  AND EXISTS (SELECT 1 FROM projects j WHERE j.id = t.project_id AND j.reset_at IS NULL)
  AND (t.outcome IS NULL OR t.outcome <> $ATTEMPT_NOT_SENT)
ORDER BY t.opened_at DESC LIMIT :most
