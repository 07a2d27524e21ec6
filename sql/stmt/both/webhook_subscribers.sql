-- The webhooks of these projects, and the lists of accounts that bound each: its own, and what the key
-- that made it may use now. One of a revoked key counts as disabled.
-- users: app worker
SELECT w.id, w.project_id, w.shard, w.events, w.account_ids, k.account_ids AS key_account_ids,
  w.is_enabled AND (w.api_key_id IS NULL OR (k.id IS NOT NULL AND k.revoked_at IS NULL))
    AS is_enabled
FROM webhooks w
LEFT JOIN api_keys k ON k.id = w.api_key_id
WHERE w.project_id IN (:projects[64]) AND w.deleted_at IS NULL
