/*
 * From verdict to effects. Invariant: only an unknown outcome without any answer leaves the lane
 * closed.
 */
#include "worker/publish/effects.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/origin.h"
#include "lib/pinterest.h"
#include "lib/rfc3339.h"
#include "lib/url.h"
#include "lib/utf8.h"
#include "lib/wait.h"

#define MESSAGE_MAX 500 /* bytes; pins.error_message holds as many characters */

static void
effects_begin(struct effects *e, const struct effects_in *in)
{
	const struct intent *i = in->intent;

	memset(e, 0, sizeof(*e));
	e->attempt.n = i->n;
	e->attempt.worker_id = in->worker_id;
	e->attempt.opened_us = i->opened_us;
	e->attempt.gate_us = in->gate_us;
	e->attempt.next_us = TIME_NONE;
	e->lane.id = i->lane_id;
	e->lane.release = true;
	e->move.project_id = i->project_id;
	e->move.pin_id = i->pin_id;
	e->move.from = 1u << PIN_SENDING;
	e->move.n = i->n;
	e->move.due_us = TIME_NONE;
	e->move.absent_us = TIME_NONE;
	e->move.attempt = &e->attempt;
	e->move.lane = &e->lane;
	e->move.event_deadline_s = in->event_deadline_s;
}

static void
move_to_waiting(struct effects *e, enum attempt_outcome outcome)
{
	e->attempt.outcome = outcome;
	e->move.to = PIN_WAITING;
	e->move.due_keep = true;
}

static void
hold_lane_until(struct effects *e, const struct verdict *v)
{
	if (v->until_us == 0 || v->hold_code == WAIT_NONE || v->hold_host)
		return;
	if (v->hold_app)
		e->app = EFFECTS_APP_HOLD;
	e->lane.hold_until_us = v->until_us;
	e->lane.hold_code = v->hold_code;
	e->lane.strike = v->strike;
}

static void
move_to_failed(struct effects *e, const struct effects_in *in, struct arena *mem)
{
	const struct verdict *v = &e->verdict;

	e->attempt.outcome = ATTEMPT_REFUSED;
	e->move.to = PIN_FAILED;
	e->move.code = v->code;
	e->move.message = v->message;
	if (v->hold_host && in->intent->link != NULL) {
		e->lane.host = url_host(in->intent->link, mem);
		e->lane.host_until_us = v->until_us;
	}
}

static void
move_to_verifying(struct effects *e, const struct effects_in *in, bool backs_off)
{
	e->attempt.outcome = ATTEMPT_UNKNOWN;
	e->move.to = PIN_VERIFYING;
	e->move.due_us = in->intent->opened_us + in->conf->verify_after_ms * US_PER_MS;
	/* Any answer means that the request has ended. */
	e->lane.release = in->outcome->result == OUTCOME_ANSWERED;
	e->backoff = (struct lane_backoff){ .counts = backs_off,
		.now_us = in->now_us,
		.base_ms = in->conf->retry_base_ms,
		.cap_ms = in->conf->retry_cap_ms,
		.random32 = in->random32 };
}

/* What a probe's answer says about the app. */
static bool
is_app_working(const struct effects_in *in, const struct verdict *v, enum origin origin)
{
	if (v->kind == VERDICT_PUBLISHED || v->kind == VERDICT_REFUSE ||
	    v->kind == VERDICT_RETRY_AT)
		return true;
	return in->intent->stop_code == WAIT_NOT_PINTEREST && v->kind != VERDICT_STOP_APP &&
	       in->outcome->result == OUTCOME_ANSWERED && origin == ORIGIN_PINTEREST;
}

static void
apply_verdict(struct effects *e, const struct effects_in *in, enum origin origin, struct arena *mem)
{
	struct pin_move *move = &e->move;
	const struct verdict *v = &e->verdict;

	move->spends_try = v->spends_try;
	hold_lane_until(e, v);
	switch (v->kind) {
	case VERDICT_PUBLISHED:
		e->attempt.outcome = ATTEMPT_PUBLISHED;
		move->to = PIN_PUBLISHED;
		move->pinterest_pin_id = e->attempt.pinterest_pin_id;
		move->confirmed_by = "answer";
		break;
	case VERDICT_RETRY_AT:
		move_to_waiting(e, ATTEMPT_REFUSED);
		move->due_keep = false;
		move->due_us = v->until_us;
		move->code = v->code;
		move->message = v->message;
		break;
	case VERDICT_REFUSE: move_to_failed(e, in, mem); break;
	case VERDICT_HOLD_LANE: move_to_waiting(e, ATTEMPT_REFUSED); break;
	case VERDICT_NEEDS_RECONNECT:
		move_to_waiting(e, ATTEMPT_REFUSED);
		e->account = EFFECTS_ACCOUNT_RECONNECT;
		break;
	case VERDICT_REFRESH_TOKEN:
		move_to_waiting(e, ATTEMPT_REFUSED);
		/* Kept on the pin, so that a second refusal right after the refresh is final. */
		move->code = v->code;
		move->message = v->message;
		e->account = EFFECTS_ACCOUNT_EXPIRED;
		break;
	case VERDICT_STOP_APP:
		move_to_waiting(e, ATTEMPT_REFUSED);
		/* Behind the others, of which one may find that the call is known. */
		move->due_keep = v->stop_code != WAIT_NOT_PINTEREST;
		move->due_us = move->due_keep ? TIME_NONE : in->now_us;
		e->app = EFFECTS_APP_STOP;
		break;
	case VERDICT_UNKNOWN: move_to_verifying(e, in, true); break;
	case VERDICT_FOREIGN:
		move_to_verifying(e, in, false);
		e->app = EFFECTS_APP_STOP;
		break;
	case VERDICT_NOT_SENT:
		move_to_waiting(e, ATTEMPT_NOT_SENT);
		move->unsent_in_a_row = UNSENT_KEEP;
		/* A late create holds no lane, so the pin itself says why it waits. */
		if (in->outcome->gate_late) {
			move->code = v->code;
			move->message = v->message;
		}
		break;
	}
	if (in->intent->probe && is_app_working(in, v, origin))
		e->app = EFFECTS_APP_START;
}

static void
note_headers(struct effects *e, const struct effects_in *in, struct arena *mem)
{
	const struct outcome *o = in->outcome;
	int64_t date;

	e->attempt.http_status = o->status;
	e->attempt.request_id = arena_strdup(mem, o->request_id);
	if (o->date != NULL && httpdate_parse(o->date, &date) == 0) {
		e->attempt.has_skew = true;
		e->attempt.skew_ms = (date - in->now_us) / US_PER_MS;
	}
}

/*
 * Parses the answer and finds out whose it is. A 2xx without Pinterest's header is Pinterest's if
 * it is a pin on a board.
 */
static void
read_answer(struct verdict_in *judged, struct effects *e, struct arena *mem)
{
	const struct outcome *o = judged->outcome;
	const struct origin_answer a = outcome_answer(o);
	struct pinterest_pin pin = { 0 };
	bool understood = false;

	if (o->status >= 200 && o->status < 300) {
		judged->has_pin_id = pinterest_pin_parse(&pin, o->body, o->body_len, mem) == 0;
		understood = judged->has_pin_id && pin.board_id != NULL;
	} else {
		pinterest_error_parse(&judged->error, o->body, o->body_len, mem);
	}
	judged->origin = origin_of(&a, &judged->error, understood);
	judged->answered = origin_text(&a, mem);
	if (judged->has_pin_id && judged->origin == ORIGIN_PINTEREST)
		e->attempt.pinterest_pin_id = pin.id;
	if (judged->origin == ORIGIN_FOREIGN)
		judged->error = (struct pinterest_error){ .message = "" };
}

/* What the operator is told about a stop: where, what answered there, and what to look at. */
static const char *
stop_message(const struct effects_in *in, const struct verdict_in *judged, const struct verdict *v,
    struct arena *mem)
{
	if (v->stop_code != WAIT_NOT_PINTEREST)
		return v->message;
	return arena_printf(mem,
	    "%.120s answered a create with %s. Is base_url right, and does a proxy or firewall "
	    "stand between?",
	    in->conf->base_url, judged->answered);
}

/* By the outcome alone: pace and other holds may make it later. */
static int64_t
next_try(const struct effects *e)
{
	if (e->move.to == PIN_VERIFYING || (e->move.to == PIN_WAITING && !e->move.due_keep))
		return e->move.due_us;
	return e->move.to == PIN_WAITING && e->verdict.until_us > 0 ? e->verdict.until_us
								    : TIME_NONE;
}

void
effects_of_outcome(struct effects *e, const struct effects_in *in, struct arena *mem)
{
	const struct outcome *o = in->outcome;
	struct verdict_in judged = { .outcome = o,
		.answered = "",
		.error = { .message = "" },
		.retries_spent = in->intent->retries_spent,
		.refreshed = in->intent->refreshed,
		.suspect = in->intent->suspect,
		.spam_strikes = in->intent->spam_strikes,
		.conf = in->conf,
		.now_us = in->now_us,
		.random32 = in->random32 };

	effects_begin(e, in);
	note_headers(e, in, mem);
	if (o->result == OUTCOME_ANSWERED)
		read_answer(&judged, e, mem);
	e->attempt.pinterest_code = judged.error.code;
	e->verdict = verdict(&judged);
	e->verdict.message = arena_strdup(mem, e->verdict.message);
	e->attempt.stopped_app = e->verdict.stop_code == WAIT_NOT_PINTEREST;
	e->stop_message = stop_message(in, &judged, &e->verdict, mem);
	e->attempt.message =
	    judged.error.message[0] != '\0' ? judged.error.message : e->verdict.message;
	apply_verdict(e, in, judged.origin, mem);
	e->attempt.rule = e->verdict.rule;
	e->attempt.next_us = next_try(e);
}

void
effects_image_seen(struct effects *e, const struct media_finding *found, struct arena *mem)
{
	static const char fine[] = " It can be fetched from here: does a firewall, hotlink "
				   "protection or robots rule turn Pinterest away?";
	bool unreachable = e->verdict.kind == VERDICT_RETRY_AT ||
			   strcmp(e->verdict.code, "media_url_unreachable") == 0;
	const char *words =
	    arena_printf(mem, "%s Pintempo looked at the image: %s%s", e->verdict.message,
		found->message, found->grade == MEDIA_FINE && unreachable ? fine : "");

	e->verdict.message = arena_strndup(mem, words, utf8_cut(words, strlen(words), MESSAGE_MAX));
	e->move.message = e->verdict.message;
	if (found->grade != MEDIA_WRONG || e->verdict.kind != VERDICT_RETRY_AT)
		return;
	e->verdict.kind = VERDICT_REFUSE;
	e->verdict.code =
	    strcmp(found->code, "invalid_image") == 0 ? "invalid_image" : "media_url_unreachable";
	e->verdict.until_us = 0;
	e->move.to = PIN_FAILED;
	e->move.due_us = TIME_NONE;
	e->move.code = e->verdict.code;
	e->attempt.rule = VERDICT_RULE_IMAGE;
	e->attempt.next_us = TIME_NONE;
}

void
effects_unsent(
    struct effects *e, const struct effects_in *in, enum unsent_change unsent, const char *why)
{
	effects_begin(e, in);
	e->verdict.kind = VERDICT_NOT_SENT;
	e->verdict.message = why;
	e->attempt.gate_us = TIME_NONE;
	e->attempt.message = why;
	e->attempt.rule = VERDICT_RULE_NOT_SENT;
	move_to_waiting(e, ATTEMPT_NOT_SENT);
	e->move.unsent_in_a_row = unsent;
}
