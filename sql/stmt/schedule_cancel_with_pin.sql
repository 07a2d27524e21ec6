-- The waiting pin of a schedule is deleted: the schedule is canceled.
-- users: app
-- params: project, id, pin
UPDATE schedules SET state = 6, due_at = NULL, version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND pin_id = :pin AND state = 1 AND deleted_at IS NULL
