-- Deletes used OAuth states.
DELETE FROM idempotency_keys
WHERE kind = 3 AND created_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT :limit
