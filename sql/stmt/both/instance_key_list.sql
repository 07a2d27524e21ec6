-- The keys that may have sealed something in this database.
-- users: app worker ctl
SELECT key_id, fingerprint FROM instance_keys ORDER BY created_at DESC, key_id
