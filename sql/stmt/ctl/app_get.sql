-- The Pinterest app of an environment.
SELECT stopped_at, message, answers, hold_until FROM apps WHERE environment = :environment
