-- Sessions that have expired.
-- users: worker
DELETE FROM sessions WHERE expires_at < UTC_TIMESTAMP(6) LIMIT 500
