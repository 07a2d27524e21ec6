-- Environments whose Pinterest app is stopped or held.
SELECT environment, stopped_at, held_until, code, message
FROM apps
WHERE stopped_at IS NOT NULL OR held_until > UTC_TIMESTAMP(6)
