-- Schedules of a project, filtered; found as in pin_list.
-- orders: run_at_desc = s.run_at DESC, s.id DESC | run_at_asc = s.run_at, s.id | created_at_desc = s.created_at DESC, s.id DESC | created_at_asc = s.created_at, s.id | title_asc = s.title, s.id | title_desc = s.title DESC, s.id DESC | status_asc = s.state, s.id | status_desc = s.state DESC, s.id DESC
SELECT s.id, s.project_id, s.account_id, s.lane_id, s.asset_id, s.cover_asset_id,
  CASE WHEN s.state BETWEEN $PIN_WAITING AND $PIN_VERIFYING THEN COALESCE(p.state, s.state) ELSE s.state END AS state,
  s.version, m.media_type, w.wait_code, w.wait_until, s.run_at, s.not_after, p.due_at, s.created_at,
  s.updated_at, s.board_id, s.title, s.description, s.link_url, s.alt_text, s.related_terms,
  s.dominant_color, s.image_url, s.cover_image_url, s.idempotency_key, s.external_id,
  s.campaign,
  p.error_code, p.error_message, s.maybe_sent_since IS NOT NULL AS restored, s.pin_id, s.state AS own_state, p.version AS pin_version, s.last_error
FROM (
  SELECT s.id FROM schedules s
  LEFT JOIN pins p ON p.id = s.pin_id AND p.deleted_at IS NULL
  WHERE {schedule_filter}
  ORDER BY /*ORDER*/
  LIMIT :limit OFFSET :offset
) page
STRAIGHT_JOIN schedules s ON s.id = page.id
LEFT JOIN pins p ON p.id = s.pin_id AND p.deleted_at IS NULL
LEFT JOIN waiting w ON w.pin_id = p.id
LEFT JOIN assets m ON m.id = s.asset_id
ORDER BY /*ORDER*/
