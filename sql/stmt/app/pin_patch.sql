-- Edits a pin that waits or has failed, unless a restored pin is to be looked up with its old text
-- (maybe_sent_since).
UPDATE pins FORCE INDEX (PRIMARY) SET
  {pin_content = :pin_content}, not_after = :not_after, text_hash = :text_hash,
  deadline_at = IF(state = $PIN_WAITING, :not_after, NULL), version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND version = :version
  AND state IN ($PIN_WAITING, $PIN_FAILED) AND maybe_sent_since IS NULL AND deleted_at IS NULL
