-- An OAuth state is used up: a second use is a duplicate key.
INSERT INTO idempotency_keys (project_id, kind, idem_key, body_hash, created_at)
VALUES (:project, 3, :nonce, :hash, UTC_TIMESTAMP(6))
