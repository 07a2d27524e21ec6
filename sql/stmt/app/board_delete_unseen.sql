-- A complete listing came: boards that were not in it are gone.
DELETE FROM boards WHERE account_id = :account AND seen_at < :now
