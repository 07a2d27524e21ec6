-- The pin in flight, and its last attempt, of a lane that should be free again.
SELECT p.project_id, p.state, p.attempts, t.worker_id, t.opened_at, t.outcome, t.gate_at,
  COALESCE(t.http_status, 0) AS http_status, COALESCE(t.pinterest_code, 0) AS pinterest_code,
  t.message, t.request_id,
  t.pinterest_pin_id, p.not_after
FROM pins p LEFT JOIN attempts t ON t.pin_id = p.id AND t.number = p.attempts
WHERE p.id = :pin AND p.lane_id = :lane
