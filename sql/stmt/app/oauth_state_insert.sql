-- Marks an OAuth state as used: a second use gives a duplicate key.
INSERT INTO idempotency_keys (project_id, kind, idem_key, body_hash, created_at)
VALUES (:project, 3, :nonce, :hash, UTC_TIMESTAMP(6))
