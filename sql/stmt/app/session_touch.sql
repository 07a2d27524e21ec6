-- Records that a session was used, at most once a minute.
UPDATE sessions SET last_used_at = UTC_TIMESTAMP(6)
WHERE id = :id
  AND (last_used_at IS NULL OR last_used_at < UTC_TIMESTAMP(6) - INTERVAL 60 SECOND)
