-- The Pinterest app of an environment; what a reset left behind does not count.
SELECT k.stopped_at, k.message, k.answers, k.hold_until FROM apps k
WHERE k.environment = :environment
  AND NOT EXISTS (SELECT 1 FROM projects r WHERE r.id = k.project_id AND r.reset_at IS NOT NULL)
ORDER BY k.stopped_at IS NULL, k.stopped_at, k.hold_until DESC LIMIT 1
