-- Stored replies and used OAuth states of yesterday (kinds 2 and 3); keys of pins (1) stay.
-- users: worker
-- params: kind
DELETE FROM idempotency_keys
WHERE kind = :kind AND created_at < UTC_TIMESTAMP(6) - INTERVAL 24 HOUR LIMIT 500
