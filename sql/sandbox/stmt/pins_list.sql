-- A page of a user's pins (board 0: of all boards), without those younger than the listing delay.
-- orders: newest = AND id < :after ORDER BY id DESC | oldest = AND id > :after ORDER BY id | shuffled = AND shuffle > :after ORDER BY shuffle
SELECT id, board_id, {sim_texts}, parent_pin_id, media, is_standard, created_at, shuffle
FROM sandbox_pins
WHERE user_id = :user AND (:board = 0 OR board_id = :board) AND deleted_at IS NULL
  AND (:secret OR board_id NOT IN (
    SELECT id FROM sandbox_boards WHERE user_id = :user AND privacy = 'SECRET'))
  AND inserted_at <= :until /*ORDER*/ LIMIT :limit
