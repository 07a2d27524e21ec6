-- What was left behind by a reset and is to be deleted next, and the project's id of today.
SELECT t.id, p.id AS live
FROM projects t
LEFT JOIN projects p ON p.id BETWEEN CONCAT(LEFT(t.id, 13), x'000000')
    AND CONCAT(LEFT(t.id, 13), x'FFFFFF')
  AND p.reset_at IS NULL
WHERE t.sweep_at <= UTC_TIMESTAMP(6)
ORDER BY t.sweep_at LIMIT 1
