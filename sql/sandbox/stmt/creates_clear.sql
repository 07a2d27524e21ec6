-- Empties the ledger.
-- users: sandbox
DELETE FROM sandbox_creates
