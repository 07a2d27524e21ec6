-- The pin or schedule created with an idempotency_key of a pin, schedule or import row, as far as an
-- allow-list includes their accounts.
SELECT
  (SELECT p.id FROM pins p WHERE p.id = k.pin_id
    AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(p.account_id)), :allow))) AS pin_id,
  (SELECT s.id FROM schedules s WHERE s.id = k.schedule_id
    AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(s.account_id)), :allow))) AS schedule_id
FROM idempotency_keys k
WHERE k.project_id = :project AND k.kind = 1 AND k.route = '' AND k.idem_key = :key
