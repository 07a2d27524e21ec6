-- A count that others wait for.
INSERT IGNORE INTO login_counts (kind, slot, name, value, at)
VALUES (:kind, :slot, :name, :value, UTC_TIMESTAMP(6))
