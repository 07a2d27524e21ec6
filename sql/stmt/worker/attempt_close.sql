-- Writes the outcome of an attempt, once; a definite one may replace "unknown". Needs no fence:
-- only the worker that made the attempt knows the outcome. closed_at stays as first written: a save
-- whose COMMIT was in doubt is repeated.
UPDATE attempts SET outcome = :outcome, gate_at = :gate,
  closed_at = COALESCE(closed_at, UTC_TIMESTAMP(6)),
  http_status = :status, pinterest_code = :code, message = LEFT(:message, 500),
  rule = COALESCE(:rule, rule), next_at = COALESCE(:next, next_at),
  request_id = LEFT(:rid, 100), date_skew_ms = COALESCE(:skew, date_skew_ms),
  pinterest_pin_id = :pinterest, stopped_app = :stopped_app
WHERE pin_id = :pin AND number = :number AND project_id = :project AND worker_id = :worker
  AND opened_at = :opened AND (outcome IS NULL OR outcome = $ATTEMPT_UNKNOWN)
