-- A planned schedule of an account with the same text on the same board.
SELECT id, run_at, COALESCE(image_url = :image, 0) AS same_image
FROM schedules
WHERE project_id = :project AND account_id = :account AND state = $PIN_PLANNED AND title = :title
  AND BINARY title = BINARY :title AND board_id = :board AND id <> :except
  AND BINARY description <=> BINARY :description AND BINARY link_url <=> BINARY :link
  AND deleted_at IS NULL
ORDER BY run_at LIMIT 1
