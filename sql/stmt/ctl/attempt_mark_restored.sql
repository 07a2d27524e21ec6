-- Closes creates that were in flight in the backup: their outcome is unknown.
UPDATE pins p FORCE INDEX (PRIMARY) JOIN attempts t ON t.pin_id = p.id
SET t.outcome = $ATTEMPT_UNKNOWN, t.closed_at = UTC_TIMESTAMP(6),
  t.message = 'Restored from a backup before its outcome was known.'
WHERE p.id > :after AND p.id <= :to AND p.state = $PIN_SENDING AND t.outcome IS NULL
