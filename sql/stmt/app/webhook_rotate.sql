-- Gives a webhook another current secret; :until: when the last earlier one ends.
UPDATE webhooks SET secret_sealed = :secret, old_secret_until = :until, api_key_id = :key,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND deleted_at IS NULL
