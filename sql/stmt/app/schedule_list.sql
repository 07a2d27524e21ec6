-- Schedules of a project, filtered; found as in pin_list.
-- params: project, allow, account, board, low, high, held, since, until, campaign, external, q, limit, offset
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
  WHERE s.project_id = :project AND s.deleted_at IS NULL
    AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(s.account_id)), :allow))
    AND (:account IS NULL OR s.account_id = :account)
    AND (:board IS NULL OR s.board_id = :board)
    AND (:low IS NULL
      OR CASE WHEN s.state BETWEEN $PIN_WAITING AND $PIN_VERIFYING THEN COALESCE(p.state, s.state) ELSE s.state END
      BETWEEN :low AND :high)
    AND (:held IS NULL
      OR (COALESCE((SELECT w.wait_code FROM waiting w WHERE w.pin_id = p.id), $WAIT_NONE) <> $WAIT_NONE) = :held)
    AND (:since IS NULL OR s.run_at >= :since)
    AND (:until IS NULL OR s.run_at < :until)
    AND (:campaign IS NULL OR s.campaign = :campaign)
    AND (:external IS NULL OR s.external_id = :external)
    AND (:q IS NULL OR s.title LIKE :q OR s.description LIKE :q OR s.link_url LIKE :q)
  ORDER BY /*ORDER*/
  LIMIT :limit OFFSET :offset
) page
STRAIGHT_JOIN schedules s ON s.id = page.id
LEFT JOIN pins p ON p.id = s.pin_id AND p.deleted_at IS NULL
LEFT JOIN waiting w ON w.pin_id = p.id
LEFT JOIN assets m ON m.id = s.asset_id
ORDER BY /*ORDER*/
