/* Verdicts become writes. Invariant: only a verdict of UNKNOWN without an answer leaves the lane
 * shut. */
#include "worker/publish/effects.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/pinterest.h"
#include "lib/rfc3339.h"
#include "lib/url.h"

static void
begin(struct answer *a, const struct answer_in *in)
{
	const struct intent *i = in->intent;

	memset(a, 0, sizeof(*a));
	a->attempt.n = i->n;
	a->attempt.worker_id = in->worker_id;
	a->attempt.opened_us = i->opened_us;
	a->attempt.gate_us = in->gate_us;
	a->lane.id = i->lane_id;
	a->lane.release = true;
	a->move.project_id = i->project_id;
	a->move.pin_id = i->pin_id;
	a->move.from = 1u << PIN_SENDING;
	a->move.n = i->n;
	a->move.due_us = TIME_NONE;
	a->move.absent_us = TIME_NONE;
	a->move.attempt = &a->attempt;
	a->move.lane = &a->lane;
	a->move.event_deadline_s = in->event_deadline_s;
}

static void
wait_again(struct answer *a, enum attempt_outcome outcome)
{
	a->attempt.outcome = outcome;
	a->move.to = PIN_WAITING;
	a->move.due_keep = true;
}

static void
hold(struct answer *a, const struct verdict *v)
{
	if (v->until_us == 0 || v->hold_code == WAIT_NONE || v->hold_host)
		return;
	if (v->hold_app)
		a->app = ANSWER_APP_HOLD;
	a->lane.hold_until_us = v->until_us;
	a->lane.hold_code = v->hold_code;
	a->lane.strike = v->strike;
}

static void
refuse(struct answer *a, const struct answer_in *in, struct arena *mem)
{
	const struct verdict *v = &a->verdict;

	a->attempt.outcome = ATTEMPT_REFUSED;
	a->move.to = PIN_FAILED;
	a->move.code = v->code;
	a->move.message = v->message;
	if (v->hold_host && in->intent->link != NULL) {
		a->lane.host = url_host(in->intent->link, mem);
		a->lane.host_until_us = v->until_us;
	}
}

static void
look_up(struct answer *a, const struct answer_in *in)
{
	a->attempt.outcome = ATTEMPT_UNKNOWN;
	a->move.to = PIN_VERIFYING;
	a->move.due_us = in->intent->opened_us + in->conf->verify_after_ms * US_PER_MS;
	/* An answer, however useless, means that the request is over. */
	a->lane.release = in->outcome->result == OUTCOME_ANSWERED;
	a->rest = (struct answer_rest){ .counts = true,
		.now_us = in->now_us,
		.base_ms = in->conf->retry_base_ms,
		.cap_ms = in->conf->retry_cap_ms,
		.random32 = in->random32 };
}

static void
follow(struct answer *a, const struct answer_in *in, struct arena *mem)
{
	struct pin_move *s = &a->move;
	const struct verdict *v = &a->verdict;

	s->spends_try = v->spends_try;
	hold(a, v);
	switch (v->kind) {
	case VERDICT_PUBLISHED:
		a->attempt.outcome = ATTEMPT_PUBLISHED;
		s->to = PIN_PUBLISHED;
		s->pinterest_pin_id = a->attempt.pinterest_pin_id;
		s->confirmed_by = "answer";
		break;
	case VERDICT_RETRY_AT:
		wait_again(a, ATTEMPT_REFUSED);
		s->due_keep = false;
		s->due_us = v->until_us;
		s->code = v->code;
		s->message = v->message;
		break;
	case VERDICT_REFUSE: refuse(a, in, mem); break;
	case VERDICT_HOLD_LANE: wait_again(a, ATTEMPT_REFUSED); break;
	case VERDICT_NEEDS_RECONNECT:
		wait_again(a, ATTEMPT_REFUSED);
		a->account = ANSWER_ACCOUNT_RECONNECT;
		break;
	case VERDICT_REFRESH_TOKEN:
		wait_again(a, ATTEMPT_REFUSED);
		/* Remembered on the pin: a second refusal right after the refresh is final. */
		s->code = v->code;
		s->message = v->message;
		a->account = ANSWER_ACCOUNT_EXPIRED;
		break;
	case VERDICT_STOP_APP:
		wait_again(a, ATTEMPT_REFUSED);
		a->app = ANSWER_APP_STOP;
		break;
	case VERDICT_UNKNOWN: look_up(a, in); break;
	case VERDICT_NOT_SENT:
		wait_again(a, ATTEMPT_NOT_SENT);
		s->unsent_in_a_row = UNSENT_KEEP;
		/* No lane is held when we were late, so the pin itself says why it waits. */
		if (in->outcome->gate_late) {
			s->code = v->code;
			s->message = v->message;
		}
		break;
	}
	if (in->intent->probe && (v->kind == VERDICT_PUBLISHED || v->kind == VERDICT_REFUSE ||
				     v->kind == VERDICT_RETRY_AT))
		a->app = ANSWER_APP_START;
}

static void
note_headers(struct answer *a, const struct answer_in *in, struct arena *mem)
{
	const struct outcome *o = in->outcome;
	int64_t date;

	a->attempt.http_status = o->status;
	a->attempt.request_id = arena_strdup(mem, o->request_id);
	if (o->date != NULL && httpdate_parse(o->date, &date) == 0) {
		a->attempt.has_skew = true;
		a->attempt.skew_ms = (date - in->now_us) / US_PER_MS;
	}
}

void
answer_judge(struct answer *a, const struct answer_in *in, struct arena *mem)
{
	const struct outcome *o = in->outcome;
	struct pinterest_pin pin;
	struct verdict_in judged = { .outcome = o,
		.error = { .message = "" },
		.retries_spent = in->intent->retries_spent,
		.refreshed = in->intent->refreshed,
		.spam_strikes = in->intent->spam_strikes,
		.conf = in->conf,
		.now_us = in->now_us,
		.random32 = in->random32 };

	begin(a, in);
	note_headers(a, in, mem);
	if (o->status >= 200 && o->status < 300) {
		judged.has_pin_id = pinterest_pin_parse(&pin, o->body, o->body_len, mem) == 0;
		if (judged.has_pin_id)
			a->attempt.pinterest_pin_id = pin.id;
	} else if (o->status >= 300) {
		pinterest_error_parse(&judged.error, o->body, o->body_len, mem);
	}
	a->attempt.pinterest_code = judged.error.code;
	a->verdict = verdict(&judged);
	a->verdict.message = arena_strdup(mem, a->verdict.message);
	a->attempt.message =
	    judged.error.message[0] != '\0' ? judged.error.message : a->verdict.message;
	follow(a, in, mem);
}

void
answer_unsent(
    struct answer *a, const struct answer_in *in, enum unsent_change unsent, const char *why)
{
	begin(a, in);
	a->verdict.kind = VERDICT_NOT_SENT;
	a->verdict.message = why;
	a->attempt.gate_us = TIME_NONE;
	a->attempt.message = why;
	wait_again(a, ATTEMPT_NOT_SENT);
	a->move.unsent_in_a_row = unsent;
}
