-- Pinterest accepts the app again.
UPDATE apps SET stopped_at = NULL, code = NULL, message = NULL, probe_at = NULL
WHERE environment = :environment AND stopped_at IS NOT NULL
