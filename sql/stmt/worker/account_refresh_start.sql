-- Starts a refresh, unless one may be in flight.
UPDATE pinterest_accounts SET refresh_started_at = UTC_TIMESTAMP(6)
WHERE id = :id AND health = 0 AND revoked_at IS NULL AND refresh_sealed IS NOT NULL
  AND (refresh_started_at IS NULL
    OR refresh_started_at < UTC_TIMESTAMP(6) - INTERVAL 30 SECOND)
