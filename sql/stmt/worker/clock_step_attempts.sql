-- After a clock step of :ms: records it on attempts in flight or looked up, which were opened
-- before it.
UPDATE lanes l
STRAIGHT_JOIN pins p FORCE INDEX (verify) ON p.lane_id = l.id
  AND p.state IN ($PIN_SENDING, $PIN_VERIFYING)
STRAIGHT_JOIN attempts t FORCE INDEX (PRIMARY) ON t.pin_id = p.id AND t.number = p.attempts
SET t.date_skew_ms = :ms
WHERE l.shard IN (:shards[64]) AND t.date_skew_ms IS NULL
