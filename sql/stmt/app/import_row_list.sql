-- The results of an import's finished rows.
SELECT r.number, r.line, r.status, r.pin_id, r.schedule_id, r.idempotency_key, r.error_code,
  r.error_message, r.errors
FROM import_rows r JOIN imports m ON m.id = r.import_id
WHERE r.import_id = :id AND m.project_id = :project AND r.status IS NOT NULL
ORDER BY r.number
