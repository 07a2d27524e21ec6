-- Notes a key of the key file, unless its number is known.
-- users: app worker ctl
INSERT IGNORE INTO instance_keys (key_id, fingerprint, created_at)
VALUES (:id, :fingerprint, UTC_TIMESTAMP(6))
