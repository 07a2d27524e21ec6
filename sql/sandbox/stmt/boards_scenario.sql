-- The board's scenario, when a one-time scenario happened, and whether the board is secret.
SELECT scenario, triggered_at, privacy = 'SECRET' AS secret FROM sandbox_boards WHERE id = :id AND user_id = :user
