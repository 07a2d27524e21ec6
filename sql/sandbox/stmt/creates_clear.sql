-- Empties the ledger.
DELETE FROM sandbox_creates
