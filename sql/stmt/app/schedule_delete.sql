-- Deletes a schedule that has ended.
UPDATE schedules FORCE INDEX (PRIMARY) SET deleted_at = UTC_TIMESTAMP(6), version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project
  AND state IN ($PIN_PUBLISHED, $PIN_FAILED, $PIN_CANCELED) AND deleted_at IS NULL
