-- These schedules, as schedule_get shows each.
SELECT {schedule_view}, w.wait_code, w.wait_until
FROM schedules s
LEFT JOIN pins p ON p.id = s.pin_id AND p.deleted_at IS NULL
LEFT JOIN waiting w ON p.state = $PIN_WAITING AND w.pin_id = p.id
LEFT JOIN assets m ON m.id = s.asset_id
WHERE s.id IN (:ids[64]) AND s.project_id = :project AND s.deleted_at IS NULL
