-- A planned schedule.
-- users: app worker
-- moves: new -> planned
INSERT INTO schedules (id, project_id, account_id, lane_id, shard, state, run_at, not_after, due_at,
  {pin_content}, idempotency_key, created_at, updated_at)
VALUES (:id, :project, :account, :lane, :shard, $PIN_PLANNED, :run_at, :not_after, :run_at,
  {:pin_content}, :idempotency_key, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
