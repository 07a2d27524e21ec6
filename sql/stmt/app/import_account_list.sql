-- The accounts of what an import created.
SELECT DISTINCT COALESCE(s.account_id, p.account_id) AS account_id
FROM import_rows r
LEFT JOIN schedules s ON s.id = r.schedule_id AND s.project_id = :project
LEFT JOIN pins p ON p.id = r.pin_id AND p.project_id = :project
WHERE r.import_id = :id AND COALESCE(s.account_id, p.account_id) IS NOT NULL
LIMIT :most
