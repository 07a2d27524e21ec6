-- A delivery of an event to a webhook: pending and due immediately, or skipped (state 3).
-- users: app worker
INSERT INTO deliveries (id, project_id, event_id, webhook_id, shard, state, due_at, deadline_at,
  created_at, updated_at)
VALUES (:id, :project, :event, :webhook, :shard, IF(:pending, $DELIVER_PENDING, $DELIVER_SKIPPED),
  IF(:pending, UTC_TIMESTAMP(6), NULL), TIMESTAMPADD(SECOND, :deadline_s, UTC_TIMESTAMP(6)),
  UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
