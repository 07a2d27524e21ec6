-- How many schedules the same filters find.
SELECT COUNT(*) AS total FROM schedules s
LEFT JOIN pins p ON p.id = s.pin_id AND p.deleted_at IS NULL
WHERE {schedule_filter}
