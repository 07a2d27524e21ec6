-- Gives a promoted schedule its pin's state, whatever its own was: the pin's version is the guard.
-- users: app worker ctl
-- moves: waiting -> sending, waiting -> verifying, waiting -> failed
-- moves: sending -> waiting, sending -> verifying, sending -> published, sending -> failed
-- moves: verifying -> waiting, verifying -> published, verifying -> failed
-- moves: failed -> waiting, failed -> verifying, failed -> published
UPDATE schedules FORCE INDEX (PRIMARY) SET
  state = :state, version = version + 1, last_error = :error,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND pin_id = :pin
  AND state BETWEEN $PIN_WAITING AND $PIN_FAILED
