-- Creates the pins of schedules that this transaction has just promoted; :hashes has 32 bytes for
-- each of :pins, in order. The pin of a restored schedule (maybe_sent_since) must be looked up
-- first.
-- moves: new -> waiting, new -> verifying
INSERT INTO pins (id, project_id, account_id, lane_id, shard, schedule_id, state, run_at, not_after,
  due_at, deadline_at, {pin_content}, text_hash, idempotency_key, maybe_sent_since, created_at,
  updated_at)
SELECT s.pin_id, s.project_id, s.account_id, s.lane_id, s.shard, s.id, s.state, s.run_at,
  s.not_after,
  s.run_at, IF(s.state = $PIN_WAITING, s.not_after, NULL), {s.pin_content},
  SUBSTR(:hashes, FIELD(s.pin_id, :pins[64]) * 32 - 31, 32),
  COALESCE(s.idempotency_key, CONCAT('schedule:', LOWER(CONCAT_WS('-',
    SUBSTR(HEX(s.id), 1, 8), SUBSTR(HEX(s.id), 9, 4), SUBSTR(HEX(s.id), 13, 4),
    SUBSTR(HEX(s.id), 17, 4), SUBSTR(HEX(s.id), 21))))),
  s.maybe_sent_since, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
FROM schedules s
WHERE s.id IN (:schedules[64]) AND s.pin_id IN (:pins[64])
  AND s.state IN ($PIN_WAITING, $PIN_VERIFYING)
