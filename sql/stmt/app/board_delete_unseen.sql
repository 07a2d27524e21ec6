-- A complete listing came: boards that were not in it are gone.
-- params: account, now
DELETE FROM boards WHERE account_id = :account AND seen_at < :now
