-- Records that a key was used, at most once a minute.
UPDATE api_keys SET last_used_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project
  AND (last_used_at IS NULL OR last_used_at < UTC_TIMESTAMP(6) - INTERVAL 60 SECOND)
