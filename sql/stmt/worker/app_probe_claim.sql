-- Claims the one create that may test whether a stop has ended. If its outcome is lost, the next may
-- test it after the usual time.
UPDATE apps SET probe_at = :now
    + INTERVAL LEAST(:first_us * POW(2, LEAST(probes_failed, 20)), :most_us) MICROSECOND
WHERE environment = :environment AND project_id = :project AND stopped_at IS NOT NULL
  AND (probe_at IS NULL OR probe_at <= :now)
