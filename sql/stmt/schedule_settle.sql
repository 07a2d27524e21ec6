-- A failed schedule follows its pin, which was published after all.
-- users: app
-- params: project, id, pin
UPDATE schedules SET state = 4, last_error = NULL, version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND pin_id = :pin AND state = 5 AND deleted_at IS NULL
