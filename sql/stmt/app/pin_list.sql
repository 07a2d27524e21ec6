-- Pins of a project, filtered. The page is found first, along an index; only its rows, and filters
-- that ask for it, look at why a pin waits.
-- params: project, allow, account, board, low, high, held, error, waits, since, until, campaign, external, removed, q, limit, offset
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
  WHERE p.project_id = :project AND p.deleted_at IS NULL
    AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(p.account_id)), :allow))
    AND (:account IS NULL OR p.account_id = :account)
    AND (:board IS NULL OR p.board_id = :board)
    AND (:low IS NULL OR p.state BETWEEN :low AND :high)
    AND (:held IS NULL OR ((SELECT w.wait_code FROM waiting w WHERE w.pin_id = p.id) <> $WAIT_NONE) = :held)
    AND (:error IS NULL
      OR (p.error_code = :error AND (p.state = $PIN_FAILED OR (p.state = $PIN_WAITING
        AND (SELECT w.wait_code FROM waiting w WHERE w.pin_id = p.id) IN ($WAIT_NONE, $WAIT_RETRY))))
      OR (p.state = $PIN_WAITING
        AND (SELECT w.wait_code FROM waiting w WHERE w.pin_id = p.id) IN (:waits[16])))
    AND (:since IS NULL OR p.created_at >= :since)
    AND (:until IS NULL OR p.created_at < :until)
    AND (:campaign IS NULL OR p.campaign = :campaign)
    AND (:external IS NULL OR p.external_id = :external)
    AND (:removed IS NULL OR (p.removed_at IS NOT NULL) = :removed)
    AND (:q IS NULL OR p.title LIKE :q OR p.description LIKE :q OR p.link_url LIKE :q)
  ORDER BY /*ORDER*/
  LIMIT :limit OFFSET :offset
) page
STRAIGHT_JOIN pins p ON p.id = page.id
LEFT JOIN waiting w ON w.pin_id = p.id
LEFT JOIN assets m ON m.id = p.asset_id
ORDER BY /*ORDER*/
