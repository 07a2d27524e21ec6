/* Sentences for support. Invariant: every state, reason and error code has one. */
#include "lib/why.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/rfc3339.h"

static const struct pin_error {
	const char *code;
	enum hand hand;
	const char *sentence, *todo;
} pin_errors[] = {
#define PIN_ERROR(code, hand, sentence, todo) { code, hand, sentence, todo },
#include "lib/pin_errors.def"
#undef PIN_ERROR
};

#define PIN_ERRORS (sizeof(pin_errors) / sizeof(pin_errors[0]))

static const struct pin_error *
pin_error_find(const char *code)
{
	for (size_t i = 0; code != NULL && i < PIN_ERRORS; i++)
		if (strcmp(pin_errors[i].code, code) == 0)
			return &pin_errors[i];
	return NULL;
}

bool
why_error_known(const char *code)
{
	return pin_error_find(code) != NULL;
}

const char *
why_error_sentence(const char *code)
{
	const struct pin_error *e = pin_error_find(code);

	return e != NULL ? e->sentence : NULL;
}

enum hand
why_error_hand(const char *code)
{
	const struct pin_error *e = pin_error_find(code);

	return e != NULL ? e->hand : HAND_OPERATOR;
}

const char *
why_error_code(unsigned i)
{
	return i < PIN_ERRORS ? pin_errors[i].code : NULL;
}

const char *
why_condition_name(enum why_condition c)
{
	switch (c) {
	case WHY_WORKER: return "worker";
	case WHY_PROJECT: return "project";
	case WHY_ACCOUNT: return "account";
	case WHY_TOKEN: return "token";
	case WHY_APP: return "app";
	case WHY_TIME: return "time";
	case WHY_WINDOW: return "window";
	case WHY_LANE: return "lane";
	case WHY_CAP: return "cap";
	case WHY_SPACING: return "spacing";
	case WHY_CONDITION__COUNT: break;
	}
	return NULL;
}

static const char *
time_text(struct arena *mem, int64_t us)
{
	char text[RFC3339_SIZE];

	return us != TIME_NONE ? arena_strdup(mem, rfc3339_format(us, text)) : "a time not known";
}

/* "42 s", "3 min", "5 h": as exact as a reader needs. */
static const char *
span_text(struct arena *mem, int64_t us)
{
	int64_t s = us / US_PER_S;

	if (s < 120)
		return arena_printf(mem, "%" PRId64 " s", s);
	if (s < 7200)
		return arena_printf(mem, "%" PRId64 " min", s / 60);
	return arena_printf(mem, "%" PRId64 " h", s / 3600);
}

static bool
is_to_come(int64_t us, int64_t now_us)
{
	return us != TIME_NONE && us > now_us;
}

/* A pin that waits for its link's host is put off with that message, as after a try. */
static enum wait_code
wait_of(const struct why_facts *f)
{
	if (f->state == PIN_WAITING && f->error_message != NULL &&
	    strcmp(f->error_message, wait_message(WAIT_LINK_HOST)) == 0 &&
	    is_to_come(f->due_us, f->now_us))
		return WAIT_LINK_HOST;
	return f->wait;
}

static struct why_state
condition_met(const char *message)
{
	return (struct why_state){ true, TIME_NONE, TIME_NONE, message };
}

static struct why_state
condition_unmet(int64_t since_us, int64_t until_us, const char *message)
{
	return (struct why_state){ false, since_us, until_us, message };
}

static struct why_state
condition_account(const struct why_facts *f)
{
	if (f->revoked_us != TIME_NONE)
		return condition_unmet(f->revoked_us, TIME_NONE, "The account is disconnected.");
	if (f->reconnect)
		return condition_unmet(f->health_checked_us, TIME_NONE,
		    f->health_message != NULL ? f->health_message : wait_message(WAIT_RECONNECT));
	if (f->account_paused_us != TIME_NONE)
		return condition_unmet(
		    f->account_paused_us, TIME_NONE, wait_message(WAIT_ACCOUNT_PAUSED));
	return condition_met("The account is connected and healthy.");
}

static struct why_state
condition_token(const struct why_facts *f)
{
	if (f->token_expires_us == TIME_NONE || f->token_expires_us > f->now_us)
		return (struct why_state){ true, TIME_NONE, f->token_expires_us,
			"The access token is valid." };
	return condition_unmet(f->token_expires_us, TIME_NONE,
	    f->token_renews ? wait_message(WAIT_TOKEN)
			    : "The access token has expired and cannot be renewed.");
}

static struct why_state
condition_app(const struct why_facts *f)
{
	if (f->app_stopped_us != TIME_NONE)
		return condition_unmet(f->app_stopped_us, TIME_NONE,
		    f->wait == WAIT_NOT_PINTEREST ? wait_message(WAIT_NOT_PINTEREST)
						  : wait_message(WAIT_APP_STOPPED));
	if (is_to_come(f->app_hold_until_us, f->now_us))
		return condition_unmet(
		    TIME_NONE, f->app_hold_until_us, wait_message(WAIT_COOL_DOWN));
	return condition_met("Pinterest takes the operator's app.");
}

static struct why_state
condition_lane(const struct why_facts *f)
{
	if (is_to_come(f->hold_until_us, f->now_us))
		return condition_unmet(TIME_NONE, f->hold_until_us, wait_message(f->hold_code));
	if (f->wait == WAIT_SAME_TEXT)
		return condition_unmet(TIME_NONE, TIME_NONE, wait_message(WAIT_SAME_TEXT));
	if (f->in_flight_other && is_to_come(f->busy_until_us, f->now_us))
		return condition_unmet(TIME_NONE, f->busy_until_us,
		    f->wait == WAIT_VERIFYING ? wait_message(WAIT_VERIFYING)
					      : "Another pin of the account is being sent.");
	return condition_met("Nothing holds the account's lane.");
}

static struct why_state
condition_next(const struct why_facts *f, enum wait_code code, const char *met)
{
	if (is_to_come(f->next_at_us, f->now_us) && f->next_code == code)
		return condition_unmet(TIME_NONE, f->next_at_us, wait_message(code));
	return condition_met(met);
}

static struct why_state
condition_spacing(const struct why_facts *f)
{
	if (wait_of(f) == WAIT_LINK_HOST)
		return condition_unmet(TIME_NONE, f->due_us, wait_message(WAIT_LINK_HOST));
	return condition_next(f, WAIT_PACE, "The account's pace has room.");
}

static void
conditions_set(struct why *w, const struct why_facts *f, int64_t time_us)
{
	struct why_state *c = w->conditions;

	c[WHY_WORKER] =
	    is_to_come(f->lease_until_us, f->now_us)
		? condition_met("A worker is running.")
		: condition_unmet(f->lease_until_us, TIME_NONE, "No worker is running for it.");
	c[WHY_PROJECT] = f->project_paused_us == TIME_NONE
			     ? condition_met("The workspace is not paused.")
			     : condition_unmet(f->project_paused_us, TIME_NONE,
				   wait_message(WAIT_PROJECT_PAUSED));
	c[WHY_ACCOUNT] = condition_account(f);
	c[WHY_TOKEN] = condition_token(f);
	c[WHY_APP] = condition_app(f);
	c[WHY_TIME] = is_to_come(time_us, f->now_us)
			  ? condition_unmet(TIME_NONE, time_us, "Its time has not come.")
			  : condition_met("Its time has come.");
	c[WHY_WINDOW] = is_to_come(f->not_after_us, f->now_us)
			    ? (struct why_state){ true, TIME_NONE, f->not_after_us,
				      "Its deadline (not_after) is still to come." }
			    : condition_unmet(f->not_after_us, TIME_NONE,
				  "Its deadline (not_after) has passed.");
	c[WHY_LANE] = condition_lane(f);
	c[WHY_CAP] = condition_next(f, WAIT_DAILY_CAP, "The daily number of pins has room.");
	c[WHY_SPACING] = condition_spacing(f);
}

/* The sentence of a wait, with when it ends. */
static void
say_wait(struct why *w, const struct why_facts *f, struct arena *mem)
{
	enum wait_code wait = wait_of(f);
	const char *reason = wait_message_until(wait, f->wait_until_us, f->not_after_us);

	w->hand = wait_hand(wait);
	w->todo = wait_todo(wait);
	if (wait == WAIT_RETRY)
		w->detail = f->error_message;
	if (is_to_come(f->wait_until_us, f->now_us))
		w->sentence = arena_printf(
		    mem, "Waits until %s. %s", time_text(mem, f->wait_until_us), reason);
	else
		w->sentence = arena_printf(mem, "Waits. %s", reason);
}

/* A worker that does not run comes first: without it nothing else matters. */
static bool
say_no_worker(struct why *w, const struct why_facts *f, int64_t due_us, struct arena *mem)
{
	if (w->conditions[WHY_WORKER].met || is_to_come(due_us, f->now_us))
		return false;
	w->hand = HAND_OPERATOR;
	w->todo = "Start pintempo-worker; `pintempo status` tells what it needs.";
	w->sentence = arena_printf(mem,
	    "Waits: it is due since %s, and no worker is running for it.", time_text(mem, due_us));
	return true;
}

static void
say_waiting(struct why *w, const struct why_facts *f, struct arena *mem)
{
	if (say_no_worker(w, f, f->due_us, mem))
		return;
	if (f->wait != WAIT_NONE) {
		say_wait(w, f, mem);
	} else if (is_to_come(f->due_us, f->now_us)) {
		w->sentence =
		    arena_printf(mem, "Waits for its time, %s.", time_text(mem, f->due_us));
	} else if (f->ahead > 0) {
		w->sentence = arena_printf(mem,
		    "Waits for its turn: %" PRId64 " pins of the account are due before it.",
		    f->ahead);
	} else {
		w->sentence = "Waits for its turn, which comes at once.";
	}
}

static void
say_planned(struct why *w, const struct why_facts *f, struct arena *mem)
{
	const char *when = time_text(mem, f->run_at_us);

	if (say_no_worker(w, f, f->run_at_us, mem))
		return;
	if (!is_to_come(f->run_at_us, f->now_us)) {
		w->sentence = arena_printf(mem, "Is due since %s and becomes a pin now.", when);
		return;
	}
	if (f->wait == WAIT_NONE) {
		w->sentence = arena_printf(mem, "Is planned for %s.", when);
		return;
	}
	/* what holds the account now would hold it then, too */
	w->hand = wait_hand(f->wait);
	w->todo = wait_todo(f->wait);
	w->sentence = arena_printf(mem, "Is planned for %s, but would wait then. %s", when,
	    wait_message_until(f->wait, f->wait_until_us, f->not_after_us));
}

static void
say_published(struct why *w, const struct why_facts *f, struct arena *mem)
{
	const char *when;

	if (f->published_us == TIME_NONE) { /* a schedule whose pin was deleted here */
		w->sentence = "Was published.";
		return;
	}
	when = time_text(mem, f->published_us);
	w->late_us = f->published_us - f->run_at_us;
	if (f->removed_us != TIME_NONE) {
		w->hand = HAND_SENDER;
		w->todo = "Create it again if it is to be there.";
		w->sentence = arena_printf(mem,
		    "Was published at %s, and is not on Pinterest any more: noticed at %s.", when,
		    time_text(mem, f->removed_us));
		return;
	}
	w->sentence = arena_printf(mem, "Was published at %s, %s after its time.", when,
	    span_text(mem, w->late_us > 0 ? w->late_us : 0));
}

static void
say_failed(struct why *w, const struct why_facts *f, struct arena *mem)
{
	const struct pin_error *e = pin_error_find(f->error_code);

	w->detail = f->error_message;
	w->hand = e != NULL ? e->hand : HAND_OPERATOR;
	w->todo = e != NULL ? e->todo : "Tell the operator this code.";
	w->sentence = arena_printf(mem, "Failed%s%s: %s.", f->failed_us != TIME_NONE ? " at " : "",
	    f->failed_us != TIME_NONE ? time_text(mem, f->failed_us) : "",
	    e != NULL               ? e->sentence
	    : f->error_code != NULL ? f->error_code
				    : "no reason was noted");
}

static void
say_state(struct why *w, const struct why_facts *f, struct arena *mem)
{
	switch (f->state) {
	case PIN_PLANNED: say_planned(w, f, mem); break;
	case PIN_WAITING: say_waiting(w, f, mem); break;
	case PIN_SENDING:
		w->sentence = arena_printf(mem,
		    "Is being sent to Pinterest; what became of it is known by %s.",
		    time_text(mem, f->busy_until_us != TIME_NONE ? f->busy_until_us : f->now_us));
		break;
	case PIN_VERIFYING:
		w->detail = f->error_message;
		w->sentence = arena_printf(mem,
		    "Is being looked up on Pinterest, because its create got no usable answer; "
		    "next at %s.",
		    time_text(mem, f->due_us != TIME_NONE ? f->due_us : f->now_us));
		break;
	case PIN_PUBLISHED: say_published(w, f, mem); break;
	case PIN_FAILED: say_failed(w, f, mem); break;
	case PIN_CANCELED: w->sentence = "Was canceled before it was sent."; break;
	case PIN_STATE__COUNT: break;
	}
}

/* The latest of what is known to be still ahead. */
static int64_t
expected_of(const struct why_facts *f, const struct why *w, int64_t time_us)
{
	int64_t at = time_us > f->now_us ? time_us : f->now_us;

	for (int i = 0; i < WHY_CONDITION__COUNT; i++) {
		const struct why_state *c = &w->conditions[i];

		if (c->met)
			continue;
		if (c->until_us == TIME_NONE)
			return TIME_NONE;
		if (c->until_us > at)
			at = c->until_us;
	}
	return at;
}

struct why
why(const struct why_facts *f, struct arena *mem)
{
	struct why w = { .sentence = "", .expected_us = TIME_NONE };
	int64_t time_us = f->state == PIN_PLANNED ? f->run_at_us : f->due_us;

	w.open = f->deleted_us == TIME_NONE && (f->state == PIN_PLANNED || f->state == PIN_WAITING);
	if (f->deleted_us != TIME_NONE) {
		w.sentence = arena_printf(mem, "Was deleted at %s.", time_text(mem, f->deleted_us));
		return w;
	}
	if (w.open)
		conditions_set(&w, f, time_us);
	if (f->state != PIN_CANCELED && f->state != PIN_PUBLISHED && f->run_at_us != TIME_NONE &&
	    f->now_us > f->run_at_us)
		w.late_us = f->now_us - f->run_at_us;
	say_state(&w, f, mem);
	if (w.open)
		w.expected_us = expected_of(f, &w, time_us);
	return w;
}
