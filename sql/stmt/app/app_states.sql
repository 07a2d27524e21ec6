-- Which of the operator's Pinterest apps are stopped, and why: the sandbox's if it is for all projects.
SELECT k.environment, IF(k.environment = 0 OR COUNT(IF(j.id IS NULL, NULL, k.stopped_at)) >= (
    SELECT COUNT(*) FROM projects s WHERE s.environment = k.environment AND s.reset_at IS NULL),
  MAX(IF(k.environment = 0 OR j.id IS NOT NULL, k.stop_code, 0)), 0) AS stop_code
FROM apps k
LEFT JOIN projects j ON j.id = k.project_id AND j.reset_at IS NULL
GROUP BY k.environment ORDER BY k.environment
