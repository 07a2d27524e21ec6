-- Workers of this host id that died without saying so.
UPDATE workers SET stopped_at = UTC_TIMESTAMP(6)
WHERE host_id = :host AND id <> :id AND stopped_at IS NULL
