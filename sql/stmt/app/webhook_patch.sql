-- Changes a webhook; NULL: unchanged. Enabling it clears the reason it was disabled; enabling it or
-- changing its address ends the pause caused by failures.
UPDATE webhooks SET
  paused_until = IF(:enabled = 1 OR :url IS NOT NULL, NULL, paused_until),
  failing_since = IF(:enabled = 1 OR :url IS NOT NULL, NULL, failing_since),
  consecutive_failures = IF(:enabled = 1 OR :url IS NOT NULL, 0, consecutive_failures),
  disabled_at = CASE WHEN :enabled = 1 THEN NULL
    WHEN :enabled = 0 AND is_enabled THEN UTC_TIMESTAMP(6) ELSE disabled_at END,
  disabled_reason = CASE WHEN :enabled = 1 THEN NULL
    WHEN :enabled = 0 AND is_enabled THEN 'by_user' ELSE disabled_reason END,
  url = COALESCE(:url, url),
  secret_sealed = COALESCE(:secret, secret_sealed),
  events = COALESCE(:events, events),
  is_enabled = COALESCE(:enabled, is_enabled),
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND deleted_at IS NULL
