-- A waiting pin, due immediately. :not_after NULL: :publish_window_s from now.
-- users: app worker
-- moves: new -> waiting
INSERT INTO pins (id, project_id, account_id, lane_id, shard, state, run_at, not_after, due_at,
  deadline_at, {pin_content}, text_hash, idempotency_key, created_at, updated_at)
VALUES (:id, :project, :account, :lane, :shard, $PIN_WAITING, UTC_TIMESTAMP(6),
  COALESCE(:not_after, TIMESTAMPADD(SECOND, :publish_window_s, UTC_TIMESTAMP(6))), UTC_TIMESTAMP(6),
  COALESCE(:not_after, TIMESTAMPADD(SECOND, :publish_window_s, UTC_TIMESTAMP(6))), {:pin_content},
  :text_hash, :idempotency_key, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
