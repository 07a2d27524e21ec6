-- One more failure; those before count unless the last was :forget_s ago.
INSERT INTO login_counts (kind, slot, name, value, at)
VALUES (:kind, :slot, :name, 1, UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE
  value = IF(at > UTC_TIMESTAMP(6) - INTERVAL :forget_s SECOND, value + 1, 1), name = :name,
  at = UTC_TIMESTAMP(6)
