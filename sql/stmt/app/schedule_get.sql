-- One schedule as shown to clients, with the state of its pin. Why that waits: pin_wait_reason.
SELECT {schedule_view}, $WAIT_NONE AS wait_code, NULL AS wait_until
FROM schedules s
LEFT JOIN pins p ON p.id = s.pin_id AND p.deleted_at IS NULL
LEFT JOIN assets m ON m.id = s.asset_id
WHERE s.id = :id AND s.project_id = :project AND s.deleted_at IS NULL
