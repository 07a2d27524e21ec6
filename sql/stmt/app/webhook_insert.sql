-- A new webhook.
INSERT INTO webhooks
  (id, project_id, shard, url, secret_sealed, events, account_ids, api_key_id, is_enabled,
  disabled_at, disabled_reason, created_at, updated_at)
VALUES (:id, :project, :shard, :url, :secret, :events, :accounts, :key, :enabled,
  IF(:enabled, NULL, UTC_TIMESTAMP(6)), IF(:enabled, NULL, 'by_user'), UTC_TIMESTAMP(6),
  UTC_TIMESTAMP(6))
