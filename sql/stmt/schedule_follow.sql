-- A promoted schedule takes its pin's state, whatever it was (the pin's version is the guard).
-- users: worker
-- params: project, id, pin, state, error
UPDATE schedules SET state = :state, version = version + 1, last_error = :error,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND pin_id = :pin AND state BETWEEN 1 AND 5
