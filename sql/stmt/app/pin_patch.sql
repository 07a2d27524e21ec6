-- Edits a pin that waits or failed; what is to be looked for as it was (maybe_sent_since) is left alone.
-- params: project, id, board, title, description, link, alt, terms, color, image_url, asset, cover_url, cover_asset, external, campaign, not_after, version, text_hash
UPDATE pins SET board_id = :board, title = :title, description = :description, link_url = :link,
  alt_text = :alt, related_terms = :terms, dominant_color = :color, image_url = :image_url,
  asset_id = :asset, cover_image_url = :cover_url, cover_asset_id = :cover_asset,
  external_id = :external, campaign = :campaign, not_after = :not_after,
  text_hash = :text_hash, deadline_at = IF(state = $PIN_WAITING, :not_after, NULL), version = version + 1,
  updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND version = :version AND state IN ($PIN_WAITING, $PIN_FAILED)
  AND maybe_sent_since IS NULL AND deleted_at IS NULL
