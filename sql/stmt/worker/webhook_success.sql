-- A delivery succeeded: the webhook's circuit breaker closes. A pause by Retry-After stays.
UPDATE webhooks SET paused_until = IF(paused_until > UTC_TIMESTAMP(6), paused_until, NULL),
  failing_since = NULL, consecutive_failures = 0, exhausted = 0,
  last_success_at = UTC_TIMESTAMP(6), last_error = NULL
WHERE id = :id
