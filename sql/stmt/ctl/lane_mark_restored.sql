-- Gives every lane a turn, with an empty bucket: creates since the backup are unknown, and count
-- against the daily cap. The gap of another restore within the last day is kept.
UPDATE lanes SET next_turn_at = UTC_TIMESTAMP(6), microtokens = 0, tokens_at = UTC_TIMESTAMP(6),
  next_at = NULL, next_code = $WAIT_NONE,
  lost_since = IF(lost_until > :since - INTERVAL 1 DAY, LEAST(lost_since, :since), :since),
  lost_until = UTC_TIMESTAMP(6), lost_creates = :creates
