-- A waiting pin, due at once. :not_after NULL: :publish_window_s from now.
-- users: app worker
-- params: id, project, account, lane, shard, board, title, description, link, alt, terms, color, image_url, asset, cover_url, cover_asset, key, external_id, campaign, not_after, publish_window_s, text_hash
-- moves: new -> waiting
INSERT INTO pins (id, project_id, account_id, lane_id, shard, state, run_at, not_after, due_at,
  deadline_at, board_id, title, description, link_url, alt_text, related_terms, dominant_color,
  image_url, asset_id, cover_image_url, cover_asset_id, text_hash, idempotency_key, external_id,
  campaign, created_at, updated_at)
VALUES (:id, :project, :account, :lane, :shard, $PIN_WAITING, UTC_TIMESTAMP(6),
  COALESCE(:not_after, TIMESTAMPADD(SECOND, :publish_window_s, UTC_TIMESTAMP(6))), UTC_TIMESTAMP(6),
  COALESCE(:not_after, TIMESTAMPADD(SECOND, :publish_window_s, UTC_TIMESTAMP(6))),
  :board, :title, :description, :link, :alt, :terms, :color,
  :image_url, :asset, :cover_url, :cover_asset, :text_hash, :key, :external_id,
  :campaign, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
