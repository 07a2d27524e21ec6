-- One schedule as it is shown, with the state of its pin. Why that waits: pin_wait_reason.
-- params: project, id
SELECT s.id, s.project_id, s.account_id, s.lane_id, s.asset_id, s.cover_asset_id,
  CASE WHEN s.state BETWEEN $PIN_WAITING AND $PIN_VERIFYING THEN COALESCE(p.state, s.state) ELSE s.state END AS state,
  s.version, m.media_type, 0 AS wait_code, NULL AS wait_until, s.run_at, s.not_after, p.due_at, s.created_at,
  s.updated_at, s.board_id, s.title, s.description, s.link_url, s.alt_text, s.related_terms,
  s.dominant_color, s.image_url, s.cover_image_url, s.idempotency_key, s.external_id,
  s.campaign,
  p.error_code, p.error_message, s.maybe_sent_since IS NOT NULL AS restored, s.pin_id, s.state AS own_state, p.version AS pin_version, s.last_error
FROM schedules s
LEFT JOIN pins p ON p.id = s.pin_id AND p.deleted_at IS NULL
LEFT JOIN assets m ON m.id = s.asset_id
WHERE s.id = :id AND s.project_id = :project AND s.deleted_at IS NULL
