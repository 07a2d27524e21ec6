-- One pin of a user.
SELECT id, board_id, {sim_texts}, parent_pin_id, media, is_standard, created_at, shuffle
FROM sandbox_pins WHERE id = :id AND user_id = :user AND deleted_at IS NULL
