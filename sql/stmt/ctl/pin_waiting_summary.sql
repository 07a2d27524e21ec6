-- Waiting pins by reason, in order of deadline, at most :most of them.
SELECT w.wait_code, COUNT(*) AS pins, MIN(p.run_at) AS oldest, MIN(w.wait_until) AS soonest
FROM (SELECT id, run_at FROM pins WHERE deadline_at IS NOT NULL ORDER BY deadline_at LIMIT :most) p
JOIN waiting w ON w.pin_id = p.id
GROUP BY w.wait_code
ORDER BY COUNT(*) DESC
