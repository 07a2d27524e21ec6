-- Pinterest refused the operator's app: all its lanes wait.
UPDATE apps SET stopped_at = COALESCE(stopped_at, UTC_TIMESTAMP(6)), code = :code,
  message = LEFT(:message, 500), probe_at = UTC_TIMESTAMP(6) + INTERVAL :probe_us MICROSECOND
WHERE environment = :environment
