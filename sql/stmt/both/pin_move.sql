-- Moves a pin to another state, from the version that was read. A look-up that ends in waiting has
-- proven absence. A waiting pin is never due before run_at. unsent: enum unsent_change.
-- users: app worker ctl
-- moves: sending -> waiting, sending -> verifying, sending -> published, sending -> failed
-- moves: verifying -> waiting, verifying -> published, verifying -> failed
-- moves: waiting -> verifying, waiting -> failed
-- moves: failed -> waiting, failed -> verifying, failed -> published
UPDATE pins FORCE INDEX (PRIMARY) SET version = version + 1,
  due_at = IF(:due_keep = 1, COALESCE(due_at, run_at),
    IF(:state = $PIN_WAITING, GREATEST(:due, run_at), :due)),
  deadline_at = IF(:state = $PIN_WAITING, not_after, NULL),
  retries_spent = retries_spent + :spent,
  unsent_in_a_row = CASE :unsent WHEN $UNSENT_RESET THEN 0
    WHEN $UNSENT_ADD THEN unsent_in_a_row + 1 ELSE unsent_in_a_row END,
  maybe_sent_since = IF(state = $PIN_VERIFYING AND :state = $PIN_WAITING, NULL, maybe_sent_since),
  verify_first = 0,
  absent_at = :absent, error_code = :code, error_message = LEFT(:message, 500),
  candidates = :candidates, pinterest_pin_id = :pinterest, confirmed_by = :confirmed,
  published_at = IF(:state = $PIN_PUBLISHED, :now, NULL),
  failed_at = IF(:state = $PIN_FAILED, :now, NULL),
  updated_at = UTC_TIMESTAMP(6), state = :state
WHERE id = :id AND project_id = :project AND version = :version
