-- Writes all changeable fields of a pin.
UPDATE sandbox_pins SET board_id = :board, {sim_texts = :sim_texts},
  changed_at = UTC_TIMESTAMP(6)
WHERE id = :id AND user_id = :user AND deleted_at IS NULL
