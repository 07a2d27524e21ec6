-- One pin as it is shown. Why it waits is asked for apart, when it does (pin_wait_reason): the look at the
-- view's six tables costs more than all the rest.
-- params: project, id
SELECT p.id, p.project_id, p.account_id, p.lane_id, p.asset_id, p.cover_asset_id, p.state, p.version,
  m.media_type, 0 AS wait_code, NULL AS wait_until, p.run_at, p.not_after, p.due_at, p.created_at,
  p.updated_at, p.board_id, p.title, p.description, p.link_url, p.alt_text, p.related_terms,
  p.dominant_color, p.image_url, p.cover_image_url, p.idempotency_key, p.external_id,
  p.campaign,
  p.error_code, p.error_message, p.maybe_sent_since IS NOT NULL AS restored, p.schedule_id, p.attempts, p.published_at, p.failed_at,
  p.removed_at, p.pinterest_pin_id, p.confirmed_by, p.candidates
FROM pins p
LEFT JOIN assets m ON m.id = p.asset_id
WHERE p.id = :id AND p.project_id = :project AND p.deleted_at IS NULL
