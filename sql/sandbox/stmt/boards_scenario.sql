-- The board's scenario, and when a one-time scenario happened.
SELECT scenario, triggered_at FROM sandbox_boards WHERE id = :id AND user_id = :user
