-- A new board.
INSERT INTO sandbox_boards (id, user_id, name, description, privacy, scenario, triggered_at, created_at)
VALUES (:id, :user, :name, :description, :privacy, :scenario, NULL, UTC_TIMESTAMP(6))
