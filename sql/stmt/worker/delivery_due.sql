-- Due deliveries, oldest first, with everything needed to send them.
SELECT d.id, d.project_id, p.organization_id, d.event_id, d.webhook_id, d.shard, d.attempts,
  d.step, d.deadline_at, w.url, w.secret_sealed, COALESCE(w.is_enabled, 0)
    AND (w.api_key_id IS NULL OR (k.id IS NOT NULL AND k.revoked_at IS NULL
      AND (k.account_ids IS NULL OR FIND_IN_SET(LOWER(HEX(e.account_id)), k.account_ids))))
    AS is_enabled, w.id IS NULL
  OR w.deleted_at IS NOT NULL AS gone,
  w.paused_until, COALESCE(w.consecutive_failures, 0) AS consecutive_failures, e.type, e.body
FROM deliveries d
LEFT JOIN projects p ON p.id = d.project_id
LEFT JOIN webhooks w ON w.id = d.webhook_id AND w.project_id = d.project_id
LEFT JOIN events e ON e.id = d.event_id
LEFT JOIN api_keys k ON k.id = w.api_key_id
WHERE d.due_at <= UTC_TIMESTAMP(6) AND d.shard IN (:shards[64])
ORDER BY d.due_at
LIMIT :limit
