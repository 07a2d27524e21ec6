-- Environments whose Pinterest app is stopped or held.
SELECT environment, stopped_at, hold_until, code, message
FROM apps
WHERE stopped_at IS NOT NULL OR hold_until > UTC_TIMESTAMP(6)
