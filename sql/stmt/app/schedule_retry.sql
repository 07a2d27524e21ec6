-- A failed schedule follows its pin, which waits again, and to where that goes. Shard NULL: as it was.
-- params: project, id, pin, account, lane, shard, board, state, publish_window_s
-- moves: failed -> waiting, failed -> verifying
UPDATE schedules SET state = :state, account_id = :account, lane_id = :lane,
  shard = COALESCE(:shard, shard), board_id = :board, last_error = NULL,
  not_after = GREATEST(not_after, UTC_TIMESTAMP(6) + INTERVAL :publish_window_s SECOND),
  version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND pin_id = :pin AND state = $PIN_FAILED AND deleted_at IS NULL
