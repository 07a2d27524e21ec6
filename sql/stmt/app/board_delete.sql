-- Pinterest does not know this board any more.
-- params: account, board
DELETE FROM boards WHERE account_id = :account AND board_id = :board
