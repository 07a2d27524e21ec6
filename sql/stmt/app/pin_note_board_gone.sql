-- Notes that published pins went with their board.
UPDATE pins SET removed_at = UTC_TIMESTAMP(6), version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id IN (:ids[64]) AND project_id = :project AND board_id = :board
  AND state = $PIN_PUBLISHED AND removed_at IS NULL AND deleted_at IS NULL
