-- The schedule first: from this moment its pin exists, or nothing does. A restored one is looked for.
-- users: worker
-- params: project, id, version, pin
UPDATE schedules SET state = IF(maybe_sent_since IS NULL, 1, 3), due_at = NULL, pin_id = :pin,
  version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND state = 0 AND version = :version
  AND due_at <= UTC_TIMESTAMP(6) AND deleted_at IS NULL
