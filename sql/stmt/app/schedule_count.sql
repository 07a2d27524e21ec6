-- How many schedules match the same filters.
SELECT COUNT(*) AS total FROM schedules s
LEFT JOIN pins p ON p.id = s.pin_id AND p.deleted_at IS NULL
WHERE {schedule_filter}
