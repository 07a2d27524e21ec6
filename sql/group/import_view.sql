-- The columns of import_get and import_list (app/api/imports_view.c).
m.id, m.source_type, m.status, m.source_filename, m.total_rows, m.processed_rows, m.created_rows,
m.existing_rows, m.failed_rows, m.error_message, m.warnings, m.started_at, m.completed_at, m.created_at,
m.updated_at
