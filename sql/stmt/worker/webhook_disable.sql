-- Disables a webhook: it answered 410, or (not :gone) it has only failed for five days and at least
-- three deliveries finally failed.
UPDATE webhooks SET is_enabled = 0, disabled_at = UTC_TIMESTAMP(6),
  disabled_reason = IF(:gone, 'gone', 'failing'), updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND is_enabled = 1 AND deleted_at IS NULL
  AND (:gone OR (exhausted >= 3 AND failing_since <= UTC_TIMESTAMP(6) - INTERVAL 5 DAY))
