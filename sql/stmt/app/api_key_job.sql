-- An API key and, if its project has it, a pin: one query for what clients poll. Why a waiting pin
-- waits is a separate query (pin_wait_reason), since its six tables cost more than all the rest.
SELECT k.id, k.project_id, k.scopes, k.account_ids,
  (k.last_used_at IS NULL OR k.last_used_at < UTC_TIMESTAMP(6) - INTERVAL 60 SECOND) AS stale,
  p.id AS pin_id, p.account_id, p.state, p.error_code, p.error_message, p.pinterest_pin_id,
  p.created_at, p.published_at, p.failed_at
FROM api_keys k
LEFT JOIN pins p ON p.id = :id AND p.project_id = k.project_id AND p.deleted_at IS NULL
WHERE k.key_hash = :hash AND k.revoked_at IS NULL
