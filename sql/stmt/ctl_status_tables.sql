-- Rows (the engine's estimate) and bytes of the tables that grow.
-- users: ctl
SELECT table_name, table_rows, data_length + index_length
FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name IN ('schedules', 'pins', 'attempts', 'events',
  'deliveries', 'delivery_attempts', 'activity_logs', 'idempotency_keys', 'imports',
  'import_rows', 'sessions')
ORDER BY data_length + index_length DESC
