-- A person says which Pinterest pin a failed one became. The id is tied to it from then on (lane_pin).
-- params: project, id, version, pinterest, now
-- moves: failed -> published
UPDATE pins SET state = $PIN_PUBLISHED, pinterest_pin_id = :pinterest, confirmed_by = 'user', published_at = :now,
  failed_at = NULL, due_at = NULL, deadline_at = NULL, verify_first = 0, absent_at = NULL,
  error_code = NULL, error_message = NULL, candidates = NULL, version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND version = :version AND state = $PIN_FAILED
  AND error_code = 'outcome_unknown' AND deleted_at IS NULL
