-- One import as it is shown.
-- params: project, id, allow
SELECT m.id, m.source_type, m.status, m.source_filename, m.total_rows, m.processed_rows,
  m.created_rows, m.existing_rows, m.failed_rows, m.error_message, m.started_at, m.completed_at,
  m.created_at, m.updated_at
FROM imports m
WHERE m.project_id = :project AND (:allow IS NULL OR m.account_ids = :allow)
  AND m.id = :id
