-- Pins of a project, filtered. The page is found first, along an index; only its rows, and filters
-- that ask for it, look at why a pin waits.
-- orders: created_at_desc = p.created_at DESC, p.id DESC | created_at_asc = p.created_at, p.id | published_at_desc = p.published_at DESC, p.id DESC | published_at_asc = p.published_at, p.id | title_asc = p.title, p.id | title_desc = p.title DESC, p.id DESC | status_asc = p.state, p.id | status_desc = p.state DESC, p.id DESC
SELECT p.id, p.project_id, p.account_id, p.lane_id, p.asset_id, p.cover_asset_id, p.state, p.version,
  m.media_type, w.wait_code, w.wait_until, p.run_at, p.not_after, p.due_at, p.created_at,
  p.updated_at, p.board_id, p.title, p.description, p.link_url, p.alt_text, p.related_terms,
  p.dominant_color, p.image_url, p.cover_image_url, p.idempotency_key, p.external_id,
  p.campaign,
  p.error_code, p.error_message, p.maybe_sent_since IS NOT NULL AS restored, p.schedule_id, p.attempts, p.published_at, p.failed_at,
  p.removed_at, p.pinterest_pin_id, p.confirmed_by, p.candidates
FROM (
  SELECT p.id FROM pins p
  WHERE {pin_filter}
  ORDER BY /*ORDER*/
  LIMIT :limit OFFSET :offset
) page
STRAIGHT_JOIN pins p ON p.id = page.id
LEFT JOIN waiting w ON w.pin_id = p.id
LEFT JOIN assets m ON m.id = p.asset_id
ORDER BY /*ORDER*/
