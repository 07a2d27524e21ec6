-- The owner of an API key and the time, in one query. The hash is the secret: no project is known
-- before.
SELECT k.id, k.project_id, p.organization_id, p.environment, k.scopes, k.account_ids, k.name,
  k.created_by, p.limits,
  (k.last_used_at IS NULL OR k.last_used_at < UTC_TIMESTAMP(6) - INTERVAL 60 SECOND) AS stale,
  UTC_TIMESTAMP(6) AS now
FROM api_keys k
JOIN projects p ON p.id = k.project_id
WHERE k.key_hash = :hash AND k.revoked_at IS NULL
