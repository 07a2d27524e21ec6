-- Reserves an idempotency key of a pin, schedule or import row (kind 1) in its project.
-- users: app worker
INSERT INTO idempotency_keys (project_id, kind, route, idem_key, body_hash, pin_id, schedule_id,
  created_at)
VALUES (:project, 1, '', :key, :hash, :pin, :schedule, UTC_TIMESTAMP(6))
