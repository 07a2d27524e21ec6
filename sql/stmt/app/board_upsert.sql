-- Stores a board that Pinterest has just listed.
INSERT INTO boards (account_id, board_id, name, description, privacy, seen_at)
VALUES (:account, :board, :name, :description, :privacy, :now)
ON DUPLICATE KEY UPDATE name = VALUES(name), description = VALUES(description),
  privacy = VALUES(privacy), seen_at = VALUES(seen_at)
