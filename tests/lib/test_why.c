/* Every state, waiting reason and error code has its sentence, its hand and its conditions. */
#include "lib/why.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "tests/tap.h"

#define NOW 1700000000000000LL
#define MIN_US (60 * US_PER_S)

static struct why_facts
fine(enum pin_state state)
{
	return (struct why_facts){ .now_us = NOW,
		.state = state,
		.run_at_us = NOW - MIN_US,
		.not_after_us = NOW + 60 * MIN_US,
		.due_us = NOW - MIN_US,
		.published_us = TIME_NONE,
		.failed_us = TIME_NONE,
		.removed_us = TIME_NONE,
		.deleted_us = TIME_NONE,
		.wait_until_us = TIME_NONE,
		.project_paused_us = TIME_NONE,
		.account_paused_us = TIME_NONE,
		.revoked_us = TIME_NONE,
		.health_checked_us = TIME_NONE,
		.token_expires_us = NOW + MIN_US,
		.token_renews = true,
		.app_stopped_us = TIME_NONE,
		.app_hold_until_us = TIME_NONE,
		.hold_until_us = TIME_NONE,
		.next_at_us = TIME_NONE,
		.busy_until_us = TIME_NONE,
		.lease_until_us = NOW + MIN_US };
}

static bool
says(const struct why_facts *f, struct arena *mem, const char *words)
{
	struct why w = why(f, mem);
	bool found = strstr(w.sentence, words) != NULL;
	size_t n = strlen(w.sentence);

	if (!found || n == 0 || w.sentence[n - 1] != '.')
		printf("# got: %s\n", w.sentence);
	return found && w.sentence[n - 1] == '.';
}

static void
test_states(struct arena *mem)
{
	struct why_facts f = fine(PIN_PLANNED);

	f.run_at_us = NOW + MIN_US;
	ok(says(&f, mem, "Is planned for 2023-11-14T22:14:20"), "planned");
	f.wait = WAIT_RECONNECT;
	ok(says(&f, mem, "would wait then. The Pinterest account has to be connected again"),
	    "planned for an account that will hold it");
	f = fine(PIN_PLANNED);
	ok(says(&f, mem, "becomes a pin now"), "planned and due");
	f = fine(PIN_SENDING);
	f.busy_until_us = NOW + MIN_US;
	ok(says(&f, mem, "Is being sent to Pinterest"), "being sent");
	f = fine(PIN_VERIFYING);
	ok(says(&f, mem, "Is being looked up on Pinterest"), "being looked up");
	f = fine(PIN_PUBLISHED);
	f.published_us = f.run_at_us + 3 * US_PER_S;
	ok(says(&f, mem, ", 3 s after its time"), "published");
	ok(why(&f, mem).late_us == 3 * US_PER_S, "and how late");
	f.removed_us = NOW;
	ok(says(&f, mem, "is not on Pinterest any more"), "published and removed");
	f = fine(PIN_PUBLISHED);
	ok(says(&f, mem, "Was published."), "a published schedule whose pin was deleted");
	f = fine(PIN_WAITING);
	f.due_us = f.run_at_us = TIME_NONE;
	f.lease_until_us = NOW;
	ok(says(&f, mem, "no worker is running"), "no time that is missing ends the program");
	f = fine(PIN_CANCELED);
	ok(says(&f, mem, "Was canceled"), "canceled");
	f = fine(PIN_WAITING);
	f.deleted_us = NOW;
	ok(says(&f, mem, "Was deleted at") && !why(&f, mem).open, "deleted");
	f = fine(PIN_FAILED);
	f.error_code = "no_such_code";
	ok(says(&f, mem, "no_such_code"), "a code of the future is at least shown");
}

static void
test_waits(struct arena *mem)
{
	struct why_facts f = fine(PIN_WAITING);
	struct why w;

	ok(says(&f, mem, "Waits for its turn, which comes at once"), "nothing holds it");
	f.ahead = 17;
	ok(says(&f, mem, "17 pins of the account are due before it"), "its place in line");
	f.due_us = NOW + MIN_US;
	ok(says(&f, mem, "Waits for its time"), "its time is still to come");
	f = fine(PIN_WAITING);
	f.wait = WAIT_PACE;
	f.lease_until_us = NOW - 1;
	w = why(&f, mem);
	ok(says(&f, mem, "no worker is running") && w.hand == HAND_OPERATOR &&
		w.expected_us == TIME_NONE,
	    "a worker that does not run comes before all else");
	for (int i = WAIT_NONE + 1; i < WAIT__COUNT; i++) {
		f = fine(PIN_WAITING);
		f.wait = (enum wait_code)i;
		f.wait_until_us = NOW + MIN_US;
		w = why(&f, mem);
		ok(says(&f, mem, wait_message(f.wait)) && says(&f, mem, "Waits until 2023-"),
		    "reason %d has its sentence", i);
		ok(w.hand == HAND_NOBODY || w.todo != NULL,
		    "reason %d: whoever must act knows what", i);
		f.not_after_us = f.wait_until_us;
		ok(says(&f, mem, "It will not be published before its deadline"),
		    "reason %d: it will be too late", i);
	}
}

static void
test_errors(struct arena *mem)
{
	const char *code;
	struct why_facts f;
	struct why w;

	for (unsigned i = 0; (code = why_error_code(i)) != NULL; i++) {
		f = fine(PIN_FAILED);
		f.failed_us = NOW;
		f.error_code = code;
		f.error_message = "What Pinterest said.";
		w = why(&f, mem);
		ok(says(&f, mem, why_error_sentence(code)) && says(&f, mem, "Failed at 2023-"),
		    "%s has its sentence", code);
		ok(w.todo != NULL && strcmp(w.detail, f.error_message) == 0, "%s: what to do",
		    code);
	}
	ok(!why_error_known("deferred") && !why_error_known(NULL), "others are not known");
}

/* The first condition that is not met; WHY_CONDITION__COUNT: none. */
static enum why_condition
unmet(const struct why_facts *f, struct arena *mem, int64_t *until_us)
{
	struct why w = why(f, mem);
	int i = 0;

	while (i < WHY_CONDITION__COUNT && w.conditions[i].met)
		i++;
	*until_us = i < WHY_CONDITION__COUNT ? w.conditions[i].until_us : TIME_NONE;
	return (enum why_condition)i;
}

static void
test_conditions(struct arena *mem)
{
	const int64_t later = NOW + MIN_US;
	struct why_facts f = fine(PIN_WAITING);
	int64_t until;

#define HOLDS(condition, ends, change)                                                             \
	f = fine(PIN_WAITING);                                                                     \
	change;                                                                                    \
	ok(unmet(&f, mem, &until) == (condition) && until == (ends), "%s: %s",                     \
	    why_condition_name(condition), #change)
	HOLDS(WHY_CONDITION__COUNT, TIME_NONE, (void)0);
	HOLDS(WHY_WORKER, TIME_NONE, f.lease_until_us = NOW);
	HOLDS(WHY_WORKER, TIME_NONE, f.lease_until_us = TIME_NONE);
	HOLDS(WHY_PROJECT, TIME_NONE, f.project_paused_us = NOW);
	HOLDS(WHY_ACCOUNT, TIME_NONE, f.account_paused_us = NOW);
	HOLDS(WHY_ACCOUNT, TIME_NONE, f.reconnect = true);
	HOLDS(WHY_ACCOUNT, TIME_NONE, f.revoked_us = NOW);
	HOLDS(WHY_TOKEN, TIME_NONE, f.token_expires_us = NOW);
	HOLDS(WHY_APP, TIME_NONE, f.app_stopped_us = NOW);
	HOLDS(WHY_APP, later, f.app_hold_until_us = later);
	HOLDS(WHY_TIME, later, f.due_us = later);
	HOLDS(WHY_WINDOW, TIME_NONE, f.not_after_us = NOW);
	HOLDS(WHY_LANE, later, (f.hold_until_us = later, f.hold_code = WAIT_SPAM_BLOCK));
	HOLDS(WHY_LANE, later, (f.busy_until_us = later, f.in_flight_other = true));
	HOLDS(WHY_LANE, TIME_NONE, f.wait = WAIT_SAME_TEXT);
	HOLDS(WHY_CAP, later, (f.next_at_us = later, f.next_code = WAIT_DAILY_CAP));
	HOLDS(WHY_SPACING, later, (f.next_at_us = later, f.next_code = WAIT_PACE));
	HOLDS(WHY_TIME, later, (f.due_us = later, f.error_message = wait_message(WAIT_LINK_HOST)));
	ok(!why(&f, mem).conditions[WHY_SPACING].met, "a link host is spacing, too");
	f.wait = WAIT_RETRY;
	ok(says(&f, mem, wait_message(WAIT_LINK_HOST)), "and no try has failed");
	ok(why(&f, mem).expected_us == later, "expected when the last of them is over");
	f.project_paused_us = NOW;
	ok(why(&f, mem).expected_us == TIME_NONE, "not known while one has no end");
	for (int i = 0; i < WHY_CONDITION__COUNT; i++)
		ok(why_condition_name((enum why_condition)i) != NULL &&
			why(&f, mem).conditions[i].message != NULL,
		    "condition %d has a name and a message", i);
}

int
main(void)
{
	struct arena *mem = arena_new();

	test_states(mem);
	test_waits(mem);
	test_errors(mem);
	test_conditions(mem);
	arena_free(mem);
	return tap_done();
}
