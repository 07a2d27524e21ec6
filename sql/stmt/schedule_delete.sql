-- Deletes a schedule that is over.
-- users: app
-- params: project, id
UPDATE schedules SET deleted_at = UTC_TIMESTAMP(6), version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND state IN (4, 5, 6) AND deleted_at IS NULL
