-- A new webhook.
INSERT INTO webhooks
  (id, project_id, shard, url, secret_sealed, events, is_enabled, created_at, updated_at)
VALUES (:id, :project, :shard, :url, :secret, :events, :enabled, UTC_TIMESTAMP(6),
  UTC_TIMESTAMP(6))
