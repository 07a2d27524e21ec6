-- Sets a count.
INSERT INTO login_counts (kind, slot, name, value, at) VALUES (:kind, :slot, :name, :value, :at)
ON DUPLICATE KEY UPDATE name = :name, value = :value, at = :at
