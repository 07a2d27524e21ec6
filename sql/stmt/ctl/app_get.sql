-- The Pinterest app of an environment.
SELECT stopped_at, message, answers, hold_until FROM apps WHERE environment = :environment
ORDER BY stopped_at IS NULL, stopped_at, hold_until DESC LIMIT 1
