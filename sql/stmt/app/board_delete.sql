-- Pinterest does not know this board any more.
DELETE FROM boards WHERE account_id = :account AND board_id = :board
