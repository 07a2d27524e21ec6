-- Edits a planned schedule. :set has the bits of enum pin_field (lib/pin.h). Order matters: the
-- deadline keeps its distance to run_at, so it is set before run_at is.
-- params: project, id, version, set, run_at, not_after, publish_window_s, board, title, description, link, alt, terms, color, image_url, asset, cover_url, cover_asset, external, campaign
UPDATE schedules SET
  not_after = CASE
    WHEN :set & $PIN_F_NOT_AFTER THEN COALESCE(:not_after,
      IF(:set & $PIN_F_RUN_AT, :run_at, run_at) + INTERVAL :publish_window_s SECOND)
    WHEN :set & $PIN_F_RUN_AT THEN :run_at + INTERVAL TIMESTAMPDIFF(MICROSECOND, run_at, not_after) MICROSECOND
    ELSE not_after END,
  run_at = IF(:set & $PIN_F_RUN_AT, :run_at, run_at),
  due_at = run_at,
  board_id = IF(:set & $PIN_F_BOARD, :board, board_id),
  title = IF(:set & $PIN_F_TITLE, :title, title),
  description = IF(:set & $PIN_F_DESCRIPTION, :description, description),
  link_url = IF(:set & $PIN_F_LINK, :link, link_url),
  alt_text = IF(:set & $PIN_F_ALT, :alt, alt_text),
  image_url = IF(:set & $PIN_F_IMAGE, :image_url, image_url),
  asset_id = IF(:set & $PIN_F_IMAGE, :asset, asset_id),
  cover_image_url = IF(:set & $PIN_F_COVER, :cover_url, cover_image_url),
  cover_asset_id = IF(:set & $PIN_F_COVER, :cover_asset, cover_asset_id),
  related_terms = IF(:set & $PIN_F_TERMS, :terms, related_terms),
  dominant_color = IF(:set & $PIN_F_COLOR, :color, dominant_color),
  external_id = IF(:set & $PIN_F_EXTERNAL_ID, :external, external_id),
  campaign = IF(:set & $PIN_F_CAMPAIGN, :campaign, campaign),
  version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND version = :version AND state = $PIN_PLANNED
  AND deleted_at IS NULL
