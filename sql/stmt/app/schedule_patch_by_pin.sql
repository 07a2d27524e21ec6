-- Copies the text of an edited pin to its promoted schedule (see pin_patch).
UPDATE schedules FORCE INDEX (PRIMARY) SET
  {pin_content = :pin_content}, not_after = :not_after, version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND pin_id = :pin
  AND state IN ($PIN_WAITING, $PIN_SENDING, $PIN_VERIFYING, $PIN_FAILED) AND deleted_at IS NULL
