-- The turn of a caller, unless another one has the row and its turn is still to come.
INSERT INTO login_counts (kind, slot, name, value, at) VALUES (:kind, :slot, :name, 0, :at)
ON DUPLICATE KEY UPDATE
  at = IF(name = :name OR at < UTC_TIMESTAMP(6) - INTERVAL :keep_s SECOND, :at, at),
  name = IF(at = :at, :name, name)
