-- The counts of GET /user_account.
SELECT (SELECT COUNT(*) FROM sandbox_boards WHERE user_id = :user) AS boards,
  (SELECT COUNT(*) FROM sandbox_pins WHERE user_id = :user AND deleted_at IS NULL) AS pins
