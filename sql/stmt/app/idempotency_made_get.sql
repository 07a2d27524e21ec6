-- The pin or schedule created with an idempotency_key of a pin, schedule or import row.
SELECT pin_id, schedule_id FROM idempotency_keys
WHERE project_id = :project AND kind = 1 AND route = '' AND idem_key = :key
