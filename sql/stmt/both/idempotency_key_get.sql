-- The owner of a key, its time, and whether the pin or schedule created with it still exists.
-- users: app worker
SELECT k.body_hash, k.pin_id, k.schedule_id,
  (p.id IS NOT NULL AND p.deleted_at IS NULL)
  OR (s.id IS NOT NULL AND s.deleted_at IS NULL) AS there,
  k.created_at
FROM idempotency_keys k
LEFT JOIN pins p ON p.id = k.pin_id AND p.project_id = k.project_id
LEFT JOIN schedules s ON s.id = k.schedule_id AND s.project_id = k.project_id
WHERE k.project_id = :project AND k.kind = 1 AND k.route = '' AND k.idem_key = :key
