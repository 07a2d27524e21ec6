-- What other pins of the lane may have become that nobody has tied yet. Of a restored one (maybe_sent_since)
-- what would have been sent.
SELECT t.snapshot, p.maybe_sent_since, p.state, {p.pin_create}
FROM pins p LEFT JOIN attempts t ON t.pin_id = p.id AND t.number = p.attempts
WHERE p.lane_id = :lane AND p.id <> :pin
  AND (p.state IN ($PIN_SENDING, $PIN_VERIFYING) OR (p.state = $PIN_FAILED AND p.error_code = 'outcome_unknown'))
LIMIT 1000
