-- Counts a failure of a webhook. From the fifth in a row its circuit breaker is open: 30 s,
-- doubling to 1 h; failures of deliveries in flight when it opened do not count again.
UPDATE webhooks SET
  consecutive_failures = consecutive_failures
    + IF(consecutive_failures >= 5 AND paused_until > UTC_TIMESTAMP(6), 0, 1),
  paused_until = NULLIF(GREATEST(COALESCE(:until, UTC_TIMESTAMP(6)),
    IF(consecutive_failures >= 5 AND COALESCE(paused_until <= UTC_TIMESTAMP(6), 1),
      UTC_TIMESTAMP(6)
        + INTERVAL LEAST(30 * POW(2, LEAST(consecutive_failures - 5, 10)), 3600) SECOND,
      COALESCE(paused_until, UTC_TIMESTAMP(6)))), UTC_TIMESTAMP(6)),
  exhausted = exhausted + :exhausted,
  last_attempt_at = UTC_TIMESTAMP(6), last_status = :status, last_error = :error
WHERE id = :id
