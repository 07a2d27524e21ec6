-- An account's pins that were published to this board before that time and are not known to be gone, newest first.
SELECT id, pinterest_pin_id FROM pins
WHERE project_id = :project AND account_id = :account AND state = $PIN_PUBLISHED AND board_id = :board
  AND published_at < :before AND removed_at IS NULL AND deleted_at IS NULL
  AND pinterest_pin_id IS NOT NULL
ORDER BY published_at DESC LIMIT :limit
