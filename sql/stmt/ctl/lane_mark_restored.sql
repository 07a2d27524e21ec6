-- Every lane is looked at, with an empty bucket: what left since is not known, and counts against the
-- daily cap. A gap of the last day from another restore is still one.
UPDATE lanes SET next_turn_at = UTC_TIMESTAMP(6), microtokens = 0, tokens_at = UTC_TIMESTAMP(6),
  next_at = NULL, next_code = $WAIT_NONE,
  lost_since = IF(lost_until > :since - INTERVAL 1 DAY, LEAST(lost_since, :since), :since),
  lost_until = UTC_TIMESTAMP(6), lost_creates = :creates
