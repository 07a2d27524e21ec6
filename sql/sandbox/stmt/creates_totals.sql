-- Totals of the ledger.
SELECT COUNT(*) AS creates, COUNT(pin_id) AS pins, COUNT(DISTINCT body_hash) AS bodies, IFNULL(MAX(id), 0) AS last_id FROM sandbox_creates
