-- Environments whose Pinterest app is stopped or held, or where something else answered lately. A
-- sandbox counts as stopped or held when it is for all projects: for one it is that tenant's rehearsal.
-- What a reset left behind does not count.
SELECT x.environment, IF(x.stopped >= x.projects, x.stopped_at, NULL) AS stopped_at, x.stop_code,
  x.message, x.answers, x.probe_at, IF(x.held >= x.projects, x.hold_until, NULL) AS hold_until,
  x.foreign_at, x.foreign_message
FROM (
  SELECT k.environment, COUNT(k.stopped_at) AS stopped, COUNT(k.hold_until) AS held,
    IF(k.environment = 0, 0, (SELECT COUNT(*) FROM projects j
      WHERE j.environment = k.environment AND j.reset_at IS NULL)) AS projects,
    MIN(k.stopped_at) AS stopped_at, MAX(k.stop_code) AS stop_code, MAX(k.message) AS message,
    CAST(SUM(k.answers) AS UNSIGNED) AS answers, MIN(k.probe_at) AS probe_at,
    MIN(IF(k.hold_until > UTC_TIMESTAMP(6), k.hold_until, NULL)) AS hold_until,
    MAX(k.foreign_at) AS foreign_at, MAX(k.foreign_message) AS foreign_message
  FROM apps k
  WHERE NOT EXISTS (SELECT 1 FROM projects r WHERE r.id = k.project_id AND r.reset_at IS NOT NULL)
  GROUP BY k.environment) x
WHERE (x.stopped_at IS NOT NULL AND x.stopped >= x.projects)
  OR (x.hold_until IS NOT NULL AND x.held >= x.projects)
  OR x.foreign_at > UTC_TIMESTAMP(6) - INTERVAL 1 HOUR
