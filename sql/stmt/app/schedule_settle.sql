-- A failed schedule follows its pin, which was published after all.
-- params: project, id, pin
-- moves: failed -> published
UPDATE schedules SET state = $PIN_PUBLISHED, last_error = NULL, version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND pin_id = :pin AND state = $PIN_FAILED AND deleted_at IS NULL
