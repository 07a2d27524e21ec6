-- A failed pin waits again, or is looked up first when nobody knows what became of it.
-- params: project, id, version, account, lane, shard, board, text_hash, state, look, duplicate, publish_window_s
-- moves: failed -> waiting, failed -> verifying
UPDATE pins SET state = :state, account_id = :account, lane_id = :lane,
  shard = COALESCE(:shard, shard), board_id = :board, text_hash = :text_hash,
  not_after = GREATEST(not_after, UTC_TIMESTAMP(6) + INTERVAL :publish_window_s SECOND),
  due_at = UTC_TIMESTAMP(6), deadline_at = IF(:state = $PIN_WAITING, not_after, NULL), retries_spent = 0,
  unsent_in_a_row = 0, verify_first = :look,
  maybe_sent_since = IF(:duplicate = 1, NULL, maybe_sent_since), absent_at = NULL,
  error_code = NULL, error_message = NULL, candidates = NULL, failed_at = NULL,
  version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE id = :id AND project_id = :project AND version = :version AND state = $PIN_FAILED
  AND deleted_at IS NULL
