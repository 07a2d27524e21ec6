-- Forgets what is cached of a board, whichever account of the project it was seen with.
DELETE b FROM boards b JOIN pinterest_accounts a ON a.id = b.account_id
WHERE a.project_id = :project AND b.board_id = :board
