-- A promoted schedule shows the words of its pin, which is edited next (pin_patch).
-- params: project, id, board, title, description, link, alt, terms, color, image_url, asset, cover_url, cover_asset, external, campaign, not_after, schedule
UPDATE schedules SET board_id = :board, title = :title, description = :description, link_url = :link,
  alt_text = :alt, related_terms = :terms, dominant_color = :color, image_url = :image_url,
  asset_id = :asset, cover_image_url = :cover_url, cover_asset_id = :cover_asset,
  external_id = :external, campaign = :campaign, not_after = :not_after,
  version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :schedule AND project_id = :project AND pin_id = :id AND state IN ($PIN_WAITING, $PIN_SENDING, $PIN_VERIFYING, $PIN_FAILED)
  AND deleted_at IS NULL
