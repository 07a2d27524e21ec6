-- The columns of schedule_get and schedule_list (app/api/pin_view.c): the state is its pin's.
s.id, s.project_id, s.account_id, s.lane_id, {schedule_pin_state} AS state, s.version, m.media_type,
s.run_at, s.not_after, p.due_at, s.created_at, s.updated_at, {s.pin_content}, s.idempotency_key,
p.error_code, p.error_message, s.maybe_sent_since IS NOT NULL AS restored, s.pin_id,
s.state AS own_state, p.version AS pin_version, s.last_error
