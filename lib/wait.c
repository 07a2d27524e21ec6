/* Why pins wait, in the words of the wire. */
#include "lib/wait.h"

#include <stddef.h>

#include "lib/clock.h"

#define LATE "It will not be published before its deadline: "
/* Both sentences of a reason; `then`: what happens if the deadline is no matter. */
#define SENTENCES(reason, then) reason then ".", LATE reason "."
#define BY_ITSELF "; it publishes on its own"

static const struct {
	const char *code;
	const char *message;
	const char *late;
} waits[WAIT__COUNT] = {
	[WAIT_PACE] = { "rate_limited",
	    SENTENCES("Waiting for the next slot of the account's pace", BY_ITSELF) },
	[WAIT_DAILY_CAP] = { "rate_limited",
	    SENTENCES("The account reached its daily number of pins", BY_ITSELF) },
	[WAIT_COOL_DOWN] = { "rate_limited",
	    SENTENCES(
		"Pinterest asked the account or the operator's app to slow down", BY_ITSELF) },
	[WAIT_SPAM_BLOCK] = { "rate_limited",
	    SENTENCES("Pinterest blocked the account for a while against spam", BY_ITSELF) },
	[WAIT_UPSTREAM_DOWN] = { "pinterest_unavailable",
	    SENTENCES("Pinterest does not answer", BY_ITSELF) },
	[WAIT_ACCOUNT_PAUSED] = { "paused", SENTENCES("The account is paused", "") },
	[WAIT_PROJECT_PAUSED] = { "paused", SENTENCES("The workspace is paused", "") },
	[WAIT_RECONNECT] = { "token_revoked",
	    SENTENCES("The Pinterest account has to be connected again by its owner", "") },
	[WAIT_SCOPE] = { "scope_missing",
	    SENTENCES("The Pinterest account lacks a permission: its owner has to connect it again "
		      "and grant all of them",
		"") },
	[WAIT_APP_STOPPED] = { "pinterest_not_permitted",
	    SENTENCES("Pinterest refuses the operator's app; the operator has to act", "") },
	[WAIT_RETRY] = { NULL, SENTENCES("A try failed; the next one is due later", "") },
	[WAIT_VERIFYING] = { "verification_pending",
	    SENTENCES("An earlier pin of the account is still being verified", "") },
	[WAIT_LINK_HOST] = { "rate_limited",
	    SENTENCES("Pins to this link's host are spaced out or held for a while", "") },
	[WAIT_SAME_TEXT] = { "verification_pending",
	    SENTENCES("A pin of the same text on the same board is being verified", "") },
	[WAIT_TOKEN] = { "token_expired",
	    SENTENCES("The account's access token expired and Pinterest has not given a new one "
		      "yet; it is asked again and again",
		"") },
	[WAIT_KEY_MISMATCH] = { "pinterest_not_permitted",
	    SENTENCES("The operator's key file does not open the account's token; the operator has "
		      "to act",
		"") },
	[WAIT_NOT_PINTEREST] = { "pinterest_unavailable",
	    SENTENCES("Something other than Pinterest answers in Pinterest's place; the operator "
		      "has to act",
		BY_ITSELF) },
};

const char *
wait_wire_code(enum wait_code w)
{
	return (unsigned)w < WAIT__COUNT ? waits[w].code : NULL;
}

const char *
wait_message(enum wait_code w)
{
	return (unsigned)w < WAIT__COUNT ? waits[w].message : NULL;
}

const char *
wait_message_until(enum wait_code w, int64_t until_us, int64_t deadline_us)
{
	if ((unsigned)w < WAIT__COUNT && wait_is_late(until_us, deadline_us))
		return waits[w].late;
	return wait_message(w);
}

bool
wait_is_late(int64_t until_us, int64_t deadline_us)
{
	return until_us != TIME_NONE && deadline_us != TIME_NONE && until_us >= deadline_us;
}
