-- One board of a user.
SELECT b.id, b.name, b.description, b.privacy, b.created_at,
  (SELECT COUNT(*) FROM sandbox_pins p WHERE p.board_id = b.id AND p.deleted_at IS NULL) AS pins,
  IFNULL((SELECT MAX(p.changed_at) FROM sandbox_pins p WHERE p.board_id = b.id), b.created_at) AS changed_at
FROM sandbox_boards b WHERE b.id = :id AND b.user_id = :user
