-- What other pins of the lane may have become that nobody has tied yet.
-- users: worker
-- params: lane, pin
SELECT t.snapshot FROM pins p JOIN attempts t ON t.pin_id = p.id AND t.n = p.attempts
WHERE p.lane_id = :lane AND p.id <> :pin
  AND (p.state IN (2, 3) OR (p.state = 5 AND p.error_code = 'outcome_unknown'))
LIMIT 200
