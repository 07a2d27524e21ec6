-- After a backward clock step: a stopped app is tested immediately.
UPDATE apps SET probe_at = UTC_TIMESTAMP(6) WHERE probe_at > UTC_TIMESTAMP(6)
