-- Environments whose Pinterest app is stopped or held, or where something else answered lately.
SELECT environment, stopped_at, stop_code, message, answers, probe_at, hold_until, foreign_at,
  foreign_message
FROM apps
WHERE stopped_at IS NOT NULL OR hold_until > UTC_TIMESTAMP(6)
  OR foreign_at > UTC_TIMESTAMP(6) - INTERVAL 1 HOUR
