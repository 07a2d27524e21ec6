/* What follows from the outcome of a delivery. Pure. */
#include "worker/deliver/deliver_plan.h"

#include <stdio.h>
#include <string.h>

#include "lib/backoff.h"
#include "lib/clock.h"
#include "lib/num.h"
#include "lib/rfc3339.h"
#include "worker/http/outcome.h"

#define JITTER_PCT 20
#define LOCATION_MAX 300

int64_t
deliver_plan_retry_after_s(const char *value, int64_t now_us)
{
	int64_t at_us, s;

	if (value == NULL)
		return 0;
	if (num_parse(value, 0, INT64_MAX, &s) == -1) {
		if (httpdate_parse(value, &at_us) == -1 || at_us <= now_us)
			return 0;
		s = (at_us - now_us + US_PER_S - 1) / US_PER_S;
	}
	return s < DELIVER_RETRY_AFTER_MAX_S ? s : DELIVER_RETRY_AFTER_MAX_S;
}

static const char *
fault_class(enum outcome_fault f)
{
	switch (f) {
	case OUTCOME_F_DNS: return "dns";
	case OUTCOME_F_CONNECT: return "connect";
	case OUTCOME_F_TLS: return "tls";
	case OUTCOME_F_TIMEOUT: return "timeout";
	case OUTCOME_F_BLOCKED: return "blocked_address";
	case OUTCOME_F_NONE:
	case OUTCOME_F_GATE:
	case OUTCOME_F_CUT:
	case OUTCOME_F_OTHER: break;
	}
	return "aborted";
}

/* By the status, even when the body was cut or too long. */
static const char *
outcome_class(const struct outcome *o)
{
	if (o->result != OUTCOME_ANSWERED)
		return fault_class(o->fault);
	if (o->status / 100 == 2)
		return "ok";
	if (o->status / 100 == 3)
		return "redirect";
	return o->status / 100 == 4 ? "http_4xx" : "http_5xx";
}

/* value x U[1.0, 1.2]: spread, but never earlier than asked. */
static int64_t
spread_wait(int64_t value, uint32_t random32)
{
	return value + (int64_t)((double)value * 0.2 * ((double)random32 / (double)UINT32_MAX));
}

static void
describe_failure(struct deliver_plan *p, const struct outcome *o, const char *why)
{
	if (o->result == OUTCOME_ANSWERED)
		snprintf(p->error, sizeof(p->error), "%s%s %ld", why, p->class, o->status);
	else
		snprintf(p->error, sizeof(p->error), "%s%s", why, p->class);
}

/* Can the Location be shown whole? It is printable ASCII, or somebody plays tricks. */
static bool
location_is_plain(const char *text)
{
	if (text == NULL || text[0] == '\0' || strlen(text) > LOCATION_MAX)
		return false;
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static void
say_answer(struct deliver_plan *p, const struct outcome *o)
{
	if (o->status == 410)
		snprintf(p->says, sizeof(p->says),
		    "The endpoint answered 410 (Gone): it wants no more events.");
	else if (o->status / 100 != 3 || !location_is_plain(o->location))
		snprintf(p->says, sizeof(p->says), "The endpoint answered %ld.", o->status);
	else
		snprintf(p->says, sizeof(p->says),
		    "The endpoint answered %ld and redirects, which is not followed; if it is to "
		    "stay so, use this address: %s",
		    o->status, o->location);
}

/* `error` is ours or libcurl's; that of a blocked address never names what the host resolves to. */
static void
say_fault(struct deliver_plan *p, const struct outcome *o)
{
	static const char *const begins[] = {
		[OUTCOME_F_NONE] = "There was no answer",
		[OUTCOME_F_DNS] = "The name of the host cannot be resolved",
		[OUTCOME_F_CONNECT] = "The host cannot be connected to",
		[OUTCOME_F_TLS] =
		    "TLS failed (operators can trust authorities by [outbound] ca_file)",
		[OUTCOME_F_TIMEOUT] = "There was no answer in time",
		[OUTCOME_F_BLOCKED] = "The address is not permitted, nothing was sent",
		[OUTCOME_F_GATE] = "It could not be sent in time",
		[OUTCOME_F_CUT] = "The connection was lost",
		[OUTCOME_F_OTHER] = "It could not be sent",
	};

	snprintf(p->says, sizeof(p->says), "%s%s%.300s.", begins[o->fault],
	    o->error[0] != '\0' ? ": " : "", o->error);
}

static void
plan_give_up(struct deliver_plan *p, const struct outcome *o, const char *why)
{
	p->state = DELIVER_GIVEN_UP;
	p->due_us = TIME_NONE;
	describe_failure(p, o, why);
}

void
deliver_plan(const struct deliver_try *t, const struct outcome *o, struct deliver_plan *out)
{
	bool answered = o->result == OUTCOME_ANSWERED;
	bool more = t->step + 1 < t->steps_len;
	int64_t step_us = (more ? t->steps_ms[t->step + 1] : 0) * US_PER_MS, after_us = 0;
	int64_t wait_us = step_us > 0 ? backoff_jitter(step_us, JITTER_PCT, t->random_step) : 0;

	memset(out, 0, sizeof(*out));
	out->class = outcome_class(o);
	out->due_us = out->pause_us = TIME_NONE;
	if (strcmp(out->class, "ok") == 0) {
		out->state = DELIVER_DELIVERED;
		return;
	}
	if (answered)
		say_answer(out, o);
	else
		say_fault(out, o);
	if (answered && o->status == 410) {
		out->gone = true;
		plan_give_up(out, o, "the endpoint is gone: ");
		return;
	}
	if (answered)
		after_us = deliver_plan_retry_after_s(o->retry_after, t->now_us) * US_PER_S;
	if (after_us > 0)
		after_us = spread_wait(after_us, t->random_after);
	if (after_us > wait_us)
		wait_us = after_us;
	if (after_us > 0)
		out->pause_us = t->now_us + after_us;
	else if (answered && (o->status == 429 || o->status == 503))
		out->pause_us = t->now_us + wait_us;
	if (!more) {
		plan_give_up(out, o, "no attempt left: ");
	} else if (t->now_us + wait_us > t->deadline_us) {
		plan_give_up(out, o, "deadline: ");
	} else {
		out->state = DELIVER_PENDING;
		out->due_us = t->now_us + wait_us;
		describe_failure(out, o, "");
	}
}
