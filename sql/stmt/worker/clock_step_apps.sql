-- The clock went back: a stopped app is tried at once.
UPDATE apps SET probe_at = UTC_TIMESTAMP(6) WHERE probe_at > UTC_TIMESTAMP(6)
