-- A delivery succeeded: the webhook's circuit breaker closes. A pause by Retry-After stays. No row:
-- it was failing (webhook_recover), or is gone.
UPDATE webhooks SET paused_until = IF(paused_until > UTC_TIMESTAMP(6), paused_until, NULL),
  consecutive_failures = 0, exhausted = 0, last_attempt_at = UTC_TIMESTAMP(6),
  last_success_at = UTC_TIMESTAMP(6), last_status = :status, last_error = NULL
WHERE id = :id AND failing_since IS NULL
