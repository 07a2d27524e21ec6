-- Totals of the ledger.
-- users: sandbox
SELECT COUNT(*), COUNT(pin_id), COUNT(DISTINCT body_hash), IFNULL(MAX(id), 0) FROM sandbox_creates
