-- The columns of pin_get and pin_list (app/api/pin_view.c).
p.id, p.project_id, p.account_id, p.lane_id, p.state, p.version, m.media_type, p.run_at,
  p.not_after,
p.due_at, p.created_at, p.updated_at, {p.pin_content}, p.idempotency_key, p.error_code,
p.error_message, p.maybe_sent_since IS NOT NULL AS restored, p.schedule_id, p.attempts,
p.published_at, p.failed_at, p.removed_at, p.pinterest_pin_id, p.confirmed_by, p.candidates
