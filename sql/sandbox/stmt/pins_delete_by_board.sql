-- Deletes the pins of a board.
UPDATE sandbox_pins SET deleted_at = UTC_TIMESTAMP(6), changed_at = UTC_TIMESTAMP(6)
WHERE board_id = :board AND user_id = :user AND deleted_at IS NULL
