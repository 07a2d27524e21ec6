-- The operator has acted: lanes with work get a turn, and no longer wait for what only they mend.
-- users: worker ctl
UPDATE lanes SET
  hold_until = IF(hold_code IN ($WAIT_UPSTREAM_DOWN, $WAIT_APP_STOPPED, $WAIT_KEY_MISMATCH), NULL,
    hold_until),
  hold_code = IF(hold_until IS NULL, $WAIT_NONE, hold_code), next_turn_at = UTC_TIMESTAMP(6)
WHERE environment = :environment AND next_turn_at > UTC_TIMESTAMP(6)
