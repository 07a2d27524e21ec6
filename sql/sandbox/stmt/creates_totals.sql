-- Totals of the ledger, as JSON.
SELECT JSON_OBJECT('received', COUNT(*), 'committed', COUNT(pin_id), 'bodies', COUNT(DISTINCT body_hash),
  'last_id', IFNULL(MAX(id), 0)) AS totals FROM sandbox_creates
