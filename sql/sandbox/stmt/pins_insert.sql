-- A new pin.
INSERT INTO sandbox_pins (id, user_id, board_id, {sim_texts}, parent_pin_id, media, is_standard, shuffle, created_at, inserted_at, changed_at, deleted_at)
VALUES (:id, :user, :board, {:sim_texts}, :parent, :media, :is_standard, :shuffle, :created_at, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), NULL)
