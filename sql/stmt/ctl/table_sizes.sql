-- Rows (the engine's estimate) and bytes of every table.
SELECT table_name, table_rows, data_length + index_length AS bytes
FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'
ORDER BY data_length + index_length DESC, table_name
