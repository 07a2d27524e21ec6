-- Lets the next create test a stopped app at once, and the intervals between tests begin anew.
-- users: worker ctl
UPDATE apps SET probe_at = UTC_TIMESTAMP(6), probes_failed = 0
WHERE environment = :environment AND stopped_at IS NOT NULL
