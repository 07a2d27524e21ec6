-- Changes a webhook; NULL: unchanged, but for :key: who changes it answers for it. :anew (it is enabled, or its address or secret is new) forgets
-- the failures, and with them their pause; enabling it, why it was disabled. One whose secret the
-- operator's lost key sealed is not enabled without a new one.
UPDATE webhooks SET
  paused_until = IF(:anew, NULL, paused_until),
  failing_since = IF(:anew, NULL, failing_since),
  consecutive_failures = IF(:anew, 0, consecutive_failures),
  exhausted = IF(:anew, 0, exhausted),
  last_attempt_at = IF(:anew, NULL, last_attempt_at),
  last_status = IF(:anew, NULL, last_status),
  last_error = IF(:anew, NULL, last_error),
  disabled_at = CASE WHEN :enabled = 1 THEN NULL
    WHEN :enabled = 0 AND is_enabled THEN UTC_TIMESTAMP(6) ELSE disabled_at END,
  disabled_reason = CASE WHEN :enabled = 1 THEN NULL
    WHEN :enabled = 0 AND is_enabled THEN 'by_user' ELSE disabled_reason END,
  url = COALESCE(:url, url),
  old_secret_until = IF(:secret IS NULL, old_secret_until, NULL),
  secret_sealed = COALESCE(:secret, secret_sealed),
  events = COALESCE(:events, events),
  api_key_id = :key,
  is_enabled = COALESCE(:enabled, is_enabled),
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND deleted_at IS NULL
  AND NOT (:enabled <=> 1 AND :secret IS NULL AND secret_sealed = '')
