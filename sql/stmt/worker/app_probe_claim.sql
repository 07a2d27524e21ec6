-- Claims the one create that may test whether a stop has ended.
UPDATE apps SET probe_at = :next
WHERE environment = :environment AND stopped_at IS NOT NULL
  AND (probe_at IS NULL OR probe_at <= :now)
