-- The verifying pin of a lane whose look-up is due, with the attempt in question and what would be
-- sent.
SELECT p.id, p.project_id, p.account_id, p.version, p.attempts, p.absent_at, p.not_after,
  p.retries_spent, t.opened_at, t.snapshot, COALESCE(t.outcome, 0) AS outcome, t.pinterest_pin_id,
  p.maybe_sent_since, p.created_at, {p.pin_create}
FROM pins p LEFT JOIN attempts t ON t.pin_id = p.id AND t.number = p.attempts
WHERE p.lane_id = :lane AND p.state = $PIN_VERIFYING AND p.due_at <= UTC_TIMESTAMP(6)
ORDER BY p.due_at LIMIT 1
