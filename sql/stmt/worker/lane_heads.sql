-- Accounts of these lanes that can publish, with their token and pace, and the first waiting pin of
-- each, due or not. Paused accounts send nothing, but their pins may be looked up. A pin whose twin
-- (same text, same board) is being verified is deferred.
SELECT a.lane_id, a.id, a.project_id, a.access_sealed, a.token_version,
  a.access_expires_at IS NULL
  OR a.access_expires_at > UTC_TIMESTAMP(6) + INTERVAL 5 SECOND AS usable,
  COALESCE(a.pace_burst, 0) AS pace_burst, COALESCE(a.pace_interval_ms, 0) AS pace_interval_ms,
  COALESCE(a.daily_cap, -1) AS daily_cap,
  p.id AS pin_id, p.version, p.due_at, p.schedule_id, p.attempts, p.retries_spent,
  p.unsent_in_a_row,
  (p.verify_first AND p.attempts > 0) OR p.maybe_sent_since IS NOT NULL AS verify_first,
  p.error_code,
  (SELECT MAX(x.opened_at) FROM attempts x WHERE x.pin_id = p.id AND x.stopped_app = 1)
    AS stopped_app_at,
  k.project_id AS app_project_id, k.stopped_at, COALESCE(k.stop_code, 0) AS stop_code, k.hold_until,
  k.probe_at, COALESCE(k.probes_failed, 0) AS probes_failed, k.resumed_at, {p.pin_create}
FROM pinterest_accounts a FORCE INDEX (lane)
STRAIGHT_JOIN projects j FORCE INDEX (PRIMARY) ON j.id = a.project_id
LEFT JOIN apps k ON k.environment = j.environment
  AND k.project_id = IF(j.environment = 0, x'00000000000000000000000000000000', j.id)
LEFT JOIN pins p ON a.paused_at IS NULL AND j.paused_at IS NULL AND p.id = (
  SELECT q.id FROM pins q FORCE INDEX (head)
  WHERE q.account_id = a.id AND q.project_id = a.project_id AND q.state = $PIN_WAITING
    AND q.due_at IS NOT NULL AND q.deadline_at > UTC_TIMESTAMP(6) AND q.deleted_at IS NULL
    AND (SELECT COUNT(*) FROM pins v FORCE INDEX (verify)
      WHERE v.lane_id = q.lane_id AND v.state = $PIN_VERIFYING AND v.text_hash = q.text_hash) = 0
  ORDER BY q.due_at, q.id LIMIT 1)
WHERE a.lane_id IN (:lanes[64]) AND a.revoked_at IS NULL AND a.health = 0
ORDER BY a.lane_id, a.id
