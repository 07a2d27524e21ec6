-- Updates an import's counters and puts it behind the other imports; at the end, sets its result.
UPDATE imports SET processed_rows = processed_rows + :created + :existing + :failed,
  created_rows = created_rows + :created, existing_rows = existing_rows + :existing,
  failed_rows = failed_rows + :failed,
  status = IF(:ended, IF(failed_rows > 0, 3, 2), 1),
  due_at = IF(:ended, NULL, UTC_TIMESTAMP(6)),
  started_at = COALESCE(started_at, UTC_TIMESTAMP(6)),
  completed_at = IF(:ended, UTC_TIMESTAMP(6), NULL),
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND status < 2
