-- The pins of schedules that this transaction has just promoted; :hashes holds 32 bytes for each of
-- :pins, in their order. Of a restored schedule (maybe_sent_since) it is to be looked for.
-- params: schedules, pins, hashes
-- moves: new -> waiting, new -> verifying
INSERT INTO pins (id, project_id, account_id, lane_id, shard, schedule_id, state, run_at,
  not_after, due_at, deadline_at, board_id, title, description, link_url, alt_text, related_terms,
  dominant_color, image_url, asset_id, cover_image_url, cover_asset_id, text_hash,
  idempotency_key, external_id, campaign, maybe_sent_since, created_at, updated_at)
SELECT s.pin_id, s.project_id, s.account_id, s.lane_id, s.shard, s.id, s.state, s.run_at,
  s.not_after, s.run_at, IF(s.state = $PIN_WAITING, s.not_after, NULL), s.board_id, s.title, s.description, s.link_url, s.alt_text,
  s.related_terms, s.dominant_color, s.image_url, s.asset_id, s.cover_image_url, s.cover_asset_id,
  SUBSTR(:hashes, FIELD(s.pin_id, :pins[64]) * 32 - 31, 32),
  COALESCE(s.idempotency_key, CONCAT('schedule:', LOWER(CONCAT_WS('-',
    SUBSTR(HEX(s.id), 1, 8), SUBSTR(HEX(s.id), 9, 4), SUBSTR(HEX(s.id), 13, 4),
    SUBSTR(HEX(s.id), 17, 4), SUBSTR(HEX(s.id), 21))))),
  s.external_id, s.campaign, s.maybe_sent_since, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
FROM schedules s
WHERE s.id IN (:schedules[64]) AND s.pin_id IN (:pins[64]) AND s.state IN ($PIN_WAITING, $PIN_VERIFYING)
