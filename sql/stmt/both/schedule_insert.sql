-- A planned schedule.
-- users: app worker
-- params: id, project, account, lane, shard, board, title, description, link, alt, terms, color, image_url, asset, cover_url, cover_asset, key, external_id, campaign, run_at, not_after
-- moves: new -> planned
INSERT INTO schedules (id, project_id, account_id, lane_id, shard, state, run_at, not_after,
  due_at, board_id, title, description, link_url, alt_text, related_terms, dominant_color,
  image_url, asset_id, cover_image_url, cover_asset_id, idempotency_key, external_id, campaign,
  created_at, updated_at)
VALUES (:id, :project, :account, :lane, :shard, $PIN_PLANNED, :run_at, :not_after,
  :run_at, :board, :title, :description, :link, :alt, :terms, :color,
  :image_url, :asset, :cover_url, :cover_asset, :key, :external_id, :campaign,
  UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
