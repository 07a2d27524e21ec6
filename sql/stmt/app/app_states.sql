-- Which of the operator's Pinterest apps are stopped, and why: the sandbox's if it is for all projects.
SELECT k.environment, IF(k.environment = 0 OR COUNT(k.stopped_at) >= (
    SELECT COUNT(*) FROM projects j WHERE j.environment = k.environment), MAX(k.stop_code), 0)
    AS stop_code
FROM apps k GROUP BY k.environment ORDER BY k.environment
