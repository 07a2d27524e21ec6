-- Edits a planned schedule. :set has the bits of enum pin_field (lib/pin.h). Order matters: the
-- deadline keeps its distance to run_at, so it is set before run_at is.
-- users: app
-- params: project, id, version, set, run_at, not_after, publish_window_s, board, title, description, link, alt, terms, color, image_url, asset, cover_url, cover_asset, external, campaign
UPDATE schedules SET
  not_after = CASE
    WHEN :set & 1024 THEN COALESCE(:not_after,
      IF(:set & 1, :run_at, run_at) + INTERVAL :publish_window_s SECOND)
    WHEN :set & 1 THEN :run_at + INTERVAL TIMESTAMPDIFF(MICROSECOND, run_at, not_after) MICROSECOND
    ELSE not_after END,
  run_at = IF(:set & 1, :run_at, run_at),
  due_at = run_at,
  board_id = IF(:set & 2, :board, board_id),
  title = IF(:set & 4, :title, title),
  description = IF(:set & 8, :description, description),
  link_url = IF(:set & 16, :link, link_url),
  alt_text = IF(:set & 32, :alt, alt_text),
  image_url = IF(:set & 64, :image_url, image_url),
  asset_id = IF(:set & 64, :asset, asset_id),
  cover_image_url = IF(:set & 128, :cover_url, cover_image_url),
  cover_asset_id = IF(:set & 128, :cover_asset, cover_asset_id),
  related_terms = IF(:set & 256, :terms, related_terms),
  dominant_color = IF(:set & 512, :color, dominant_color),
  external_id = IF(:set & 2048, :external, external_id),
  campaign = IF(:set & 4096, :campaign, campaign),
  version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND version = :version AND state = 0
  AND deleted_at IS NULL
