-- Forgets a board that Pinterest no longer has.
DELETE FROM boards WHERE account_id = :account AND board_id = :board
