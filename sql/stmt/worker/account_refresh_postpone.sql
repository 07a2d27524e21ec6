-- The refresh failed temporarily: try again after :wait_ms.
UPDATE pinterest_accounts SET refresh_started_at = NULL,
  refresh_at = UTC_TIMESTAMP(6) + INTERVAL :wait_ms * 1000 MICROSECOND
WHERE id = :id AND refresh_started_at = :started
