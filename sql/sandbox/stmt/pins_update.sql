-- Writes all changeable fields of a pin.
UPDATE sandbox_pins SET board_id = :board, title = :title, description = :description, link = :link,
  alt_text = :alt_text, changed_at = UTC_TIMESTAMP(6)
WHERE id = :id AND user_id = :user AND deleted_at IS NULL
