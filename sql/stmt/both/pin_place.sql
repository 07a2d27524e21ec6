-- Resets a failed pin that was just moved to waiting or verifying, possibly to another account or
-- board. Shard NULL: unchanged. verify_first: its outcome is unknown. duplicate: the user accepts one.
-- users: app ctl
UPDATE pins FORCE INDEX (PRIMARY) SET
  account_id = :account, lane_id = :lane, shard = COALESCE(:shard, shard),
  board_id = :board, text_hash = :text_hash,
  not_after = GREATEST(not_after, UTC_TIMESTAMP(6) + INTERVAL :publish_window_s SECOND),
  deadline_at = IF(state = $PIN_WAITING, not_after, NULL), retries_spent = 0,
  verify_first = :verify_first,
  maybe_sent_since = IF(:duplicate = 1, NULL, maybe_sent_since)
WHERE id = :id AND project_id = :project
