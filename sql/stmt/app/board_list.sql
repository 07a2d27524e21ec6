-- Boards of an account that were seen recently.
SELECT b.board_id, b.name, b.description, b.privacy, b.seen_at
FROM boards b JOIN pinterest_accounts a ON a.id = b.account_id
WHERE b.account_id = :account AND b.board_id = :board AND a.project_id = :project
  AND b.seen_at > UTC_TIMESTAMP(6) - INTERVAL :seconds SECOND
