-- Marks workers of this host id that died as stopped.
UPDATE workers SET stopped_at = UTC_TIMESTAMP(6)
WHERE host_id = :host AND id <> :id AND stopped_at IS NULL
