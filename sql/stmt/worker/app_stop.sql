-- Its lanes wait: Pinterest refused the operator's app, or something else answers in its place. Zero
-- rows: it is stopped already.
UPDATE apps SET stopped_at = UTC_TIMESTAMP(6), stop_code = :code, message = LEFT(:message, 500),
  answers = 1,
  probe_at = UTC_TIMESTAMP(6)
    + INTERVAL LEAST(:first_us * POW(2, LEAST(probes_failed, 20)), :most_us) MICROSECOND,
  probes_failed = probes_failed + 1
WHERE environment = :environment AND project_id = :project AND stopped_at IS NULL
