-- Defers a waiting pin whose link host is held.
UPDATE pins FORCE INDEX (PRIMARY) SET due_at = :due, error_code = :code, error_message = :message,
  version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND state = $PIN_WAITING AND version = :version
