-- Notes that a published pin is gone from Pinterest (removed = 1), or is there after all.
-- users: app worker
UPDATE pins FORCE INDEX (PRIMARY) SET
  removed_at = IF(:removed = 1, UTC_TIMESTAMP(6), NULL), version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND state = $PIN_PUBLISHED AND deleted_at IS NULL
  AND pinterest_pin_id = :pinterest AND (removed_at IS NULL) = :removed
