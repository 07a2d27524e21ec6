/*
 * Takes over a create in flight that was left behind by a dead worker, or by a COMMIT of this one
 * whose result was lost. Invariant: a create that may have been sent is never treated as not sent.
 */
#include "worker/turn/turn_lane_db.h"

#include "lib/clock.h"
#include "lib/log.h"
#include "sql/pin_move.h"
#include "sql/stmt.h"
#include "worker/pin/last_attempt_db.h"
#include "worker/publish/verdict.h"

/* Its worker recorded the answer but nothing else: the verdict on that answer decides. */
static void
judge_recorded_answer(
    const struct turn_lane *l, const struct last_attempt *o, struct pin_move *move)
{
	const struct outcome answer = { .result = OUTCOME_ANSWERED,
		.status = o->http_status,
		.complete = true,
		.body = "",
		.error = "" };
	const struct verdict_in in = { .outcome = &answer,
		.error = { .code = o->code, .message = o->message != NULL ? o->message : "" },
		.conf = l->up,
		.now_us = l->now_us };
	struct verdict v;

	if (o->outcome == ATTEMPT_PUBLISHED) {
		move->to = PIN_PUBLISHED;
		move->pinterest_pin_id = o->pinterest_pin_id;
		move->confirmed_by = "answer";
		move->spends_try = true;
		return;
	}
	move->to = PIN_WAITING;
	move->due_us = l->now_us;
	if (o->outcome == ATTEMPT_NOT_SENT)
		return;
	v = verdict(&in);
	move->spends_try = v.spends_try;
	move->code = v.kind == VERDICT_REFUSE || v.kind == VERDICT_RETRY_AT ? v.code : NULL;
	move->message = move->code != NULL ? v.message : NULL;
	if (v.kind == VERDICT_REFUSE)
		move->to = PIN_FAILED;
	else if (v.until_us > move->due_us)
		move->due_us = v.until_us;
}

static enum db_rc
finish_create(struct turn_tx *tx, const struct turn_lane *l, const struct last_attempt *o)
{
	const struct pin_move_attempt a = { .n = (unsigned)o->attempts,
		.worker_id = o->worker_id,
		.opened_us = o->opened_us,
		.outcome = o->outcome != 0 ? (enum attempt_outcome)o->outcome : ATTEMPT_UNKNOWN,
		.gate_us = o->gate_us,
		.http_status = (long)o->http_status,
		.pinterest_code = o->code,
		.message = o->outcome != 0 ? o->message
					   : "The worker that sent it left no outcome behind.",
		.rule = o->outcome != 0 ? NULL : "worker_lost",
		.next_us = TIME_NONE,
		.request_id = o->request_id,
		.pinterest_pin_id = o->pinterest_pin_id };
	struct pin_move move = { .project_id = o->project_id,
		.pin_id = l->in_flight_pin,
		.from = 1u << PIN_SENDING,
		.to = PIN_VERIFYING,
		.due_us = o->opened_us + l->up->verify_after_ms * US_PER_MS,
		.absent_us = TIME_NONE,
		.spends_try = true,
		.unsent_in_a_row = UNSENT_ADD,
		.attempt = &a,
		.event_deadline_s = tx->t->event_deadline_s };
	enum db_rc rc;

	if (o->outcome != 0 && o->outcome != ATTEMPT_UNKNOWN) {
		move.due_us = TIME_NONE;
		move.spends_try = false;
		move.unsent_in_a_row = UNSENT_RESET;
		judge_recorded_answer(l, o, &move);
	}
	rc = pin_move(tx->db, &move);
	tx->t->has_events |= move.to == PIN_PUBLISHED || move.to == PIN_FAILED;
	log_info("event=taken_over state=%s rc=%s", pin_state_name(move.to), db_rc_name(rc));
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
turn_takeover(struct turn_tx *tx, struct turn_lane *l)
{
	struct last_attempt o = { 0 };
	int64_t left;
	enum db_rc rc;

	if (l->state.busy_until_us != TIME_NONE && l->state.busy_until_us > l->now_us) {
		turn_wake_at(l, l->state.busy_until_us);
		return DB_OK;
	}
	if (turn_is_among(tx->t->publish_pins, tx->t->publish_pins_len, &l->in_flight_pin)) {
		/* In flight or unsaved here: its save comes first. */
		l->state.busy_until_us = l->now_us + TURN_LOCAL_RETRY_US;
		turn_wake_at(l, l->state.busy_until_us);
		return DB_OK;
	}
	/* After a forward clock step the deadline may have passed on paper only. */
	left = turn_busy_us(l->up) - clock_step_age(tx->t->clock, tx->t->batch.sample.mono_us);
	if (left > 0) {
		l->state.busy_until_us = l->now_us + left;
		turn_wake_at(l, l->state.busy_until_us);
		return DB_OK;
	}
	rc = last_attempt_read(tx->db, &l->id, &l->in_flight_pin, &o);
	if (rc == DB_OK && o.state == PIN_SENDING) {
		turn_set_culprit(tx, &l->id, l->shard, &l->in_flight_pin);
		rc = finish_create(tx, l, &o);
	}
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	l->in_flight_pin = (struct uuid){ 0 };
	l->state.busy_until_us = TIME_NONE;
	turn_wake_at(l, l->now_us); /* its new state may be due at once */
	return DB_OK;
}
