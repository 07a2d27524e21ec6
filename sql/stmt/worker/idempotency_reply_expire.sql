-- Deletes stored replies of Idempotency-Key headers; keys of pins (kind 1) stay.
DELETE FROM idempotency_keys
WHERE kind = 2 AND created_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT :limit
