-- The newest pin, and the arrival of the newest create, that a user who may keep `kept` of each has too many.
SELECT
  (SELECT id FROM sandbox_pins WHERE user_id = :user ORDER BY id DESC LIMIT 1 OFFSET :kept) AS pin_id,
  (SELECT arrived_at FROM sandbox_creates WHERE user_id = :user ORDER BY arrived_at DESC LIMIT 1 OFFSET :kept) AS arrived_at
