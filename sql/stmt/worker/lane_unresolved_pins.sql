-- Other pins of the lane with unknown outcomes, and what was sent of them; for a restored one
-- (maybe_sent_since) what would be sent.
SELECT t.snapshot, p.maybe_sent_since, p.state, {p.pin_create}
FROM pins p LEFT JOIN attempts t ON t.pin_id = p.id AND t.number = p.attempts
WHERE p.lane_id = :lane AND p.id <> :pin
  AND (p.state IN ($PIN_SENDING, $PIN_VERIFYING)
    OR (p.state = $PIN_FAILED AND p.error_code = 'outcome_unknown'))
LIMIT 1000
