-- Locks these lanes for the transaction. Skips a lane locked by another session (an insert into
-- it).
SELECT id, environment, microtokens, tokens_at, next_at, next_code, hold_until, hold_code,
  busy_until,
  in_flight_pin, IF(spam_at > UTC_TIMESTAMP(6) - INTERVAL 7 DAY, spam_strikes, 0) AS strikes,
  blocked_hosts,
  (SELECT MIN(v.due_at) FROM pins v WHERE v.lane_id = l.id
    AND v.state = $PIN_VERIFYING) AS verify_due_at, lost_since, lost_until,
  COALESCE(lost_creates, -1) AS lost_creates, UTC_TIMESTAMP(6) AS now
FROM lanes l FORCE INDEX (PRIMARY)
WHERE id IN (:ids[64]) AND next_turn_at <= UTC_TIMESTAMP(6) FOR UPDATE SKIP LOCKED
