-- Stores the reply of an Idempotency-Key header.
INSERT INTO idempotency_keys
  (project_id, kind, route, idem_key, body_hash, status, reply_sealed, created_at)
VALUES (:project, 2, :route, :key, :hash, :status, :reply, UTC_TIMESTAMP(6))
