-- What an idempotency_key of a pin, schedule or import row has made.
-- params: project, key
SELECT pin_id, schedule_id FROM idempotency_keys
WHERE project_id = :project AND kind = 1 AND route = '' AND idem_key = :key
