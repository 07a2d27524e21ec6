-- Another create was answered so while the app is stopped. Only that of a probe (:probe) puts off the
-- next one.
UPDATE apps SET answers = answers + 1, stop_code = IF(:probe = 1, :code, stop_code),
  message = IF(:probe = 1, LEFT(:message, 500), message),
  probe_at = IF(:probe = 1, UTC_TIMESTAMP(6)
    + INTERVAL LEAST(:first_us * POW(2, LEAST(probes_failed, 20)), :most_us) MICROSECOND, probe_at),
  probes_failed = probes_failed + :probe
WHERE environment = :environment AND project_id = :project AND stopped_at IS NOT NULL
