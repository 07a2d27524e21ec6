-- A new board, unless the user has `most`.
INSERT INTO sandbox_boards (id, user_id, name, description, privacy, scenario, triggered_at, created_at)
SELECT :id, :user, :name, :description, :privacy, :scenario, NULL, UTC_TIMESTAMP(6) FROM DUAL
WHERE (SELECT COUNT(*) FROM sandbox_boards b WHERE b.user_id = :user) < :most
