-- Published pins on a board that are not known to be gone, oldest first, after one of them.
SELECT p.id, p.created_at FROM pins p FORCE INDEX (by_board)
WHERE p.project_id = :project AND p.board_id = :board AND p.deleted_at IS NULL
  AND p.created_at >= :since AND (p.created_at > :since OR p.id > :after)
  AND p.state = $PIN_PUBLISHED AND p.removed_at IS NULL
ORDER BY p.created_at, p.id LIMIT :most
