-- Moves the schedule of a retried pin with its pin. Shard NULL: unchanged.
-- users: app ctl
UPDATE schedules FORCE INDEX (PRIMARY) SET
  account_id = :account, lane_id = :lane, shard = COALESCE(:shard, shard),
  board_id = :board,
  not_after = GREATEST(not_after, UTC_TIMESTAMP(6) + INTERVAL :publish_window_s SECOND)
WHERE id = :id AND project_id = :project AND pin_id = :pin
