-- Records that this worker is alive.
UPDATE workers SET seen_at = UTC_TIMESTAMP(6), stopped_at = NULL WHERE id = :id
