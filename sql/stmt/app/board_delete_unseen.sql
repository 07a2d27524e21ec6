-- Forgets the boards that a complete listing did not contain.
DELETE FROM boards WHERE account_id = :account AND seen_at < :now
