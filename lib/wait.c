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
	enum hand hand;
	const char *todo;
} waits[WAIT__COUNT] = {
	[WAIT_PACE] = { "rate_limited",
	    SENTENCES("Waiting for the next slot of the account's pace", BY_ITSELF), HAND_NOBODY,
	    "" },
	[WAIT_DAILY_CAP] = { "rate_limited",
	    SENTENCES("The account reached its daily number of pins", BY_ITSELF), HAND_NOBODY, "" },
	[WAIT_COOL_DOWN] = { "rate_limited",
	    SENTENCES("Pinterest asked the account or the operator's app to slow down", BY_ITSELF),
	    HAND_NOBODY, "" },
	[WAIT_SPAM_BLOCK] = { "rate_limited",
	    SENTENCES("Pinterest blocked the account for a while against spam", BY_ITSELF),
	    HAND_SENDER,
	    "Send this account less, and less of the same; the block ends by itself." },
	[WAIT_UPSTREAM_DOWN] = { "pinterest_unavailable",
	    SENTENCES("Pinterest does not answer", BY_ITSELF), HAND_NOBODY, "" },
	[WAIT_ACCOUNT_PAUSED] = { "paused", SENTENCES("The account is paused", ""), HAND_SENDER,
	    "Resume it: POST /v1/pinterest/accounts/{id}/resume." },
	[WAIT_PROJECT_PAUSED] = { "paused", SENTENCES("The workspace is paused", ""), HAND_SENDER,
	    "Resume it: POST /v1/projects/{id}/resume." },
	[WAIT_RECONNECT] = { "token_revoked",
	    SENTENCES("The Pinterest account has to be connected again by its owner", ""),
	    HAND_OWNER,
	    "Connect it again: GET /v1/pinterest/oauth/start, or a connect link for its owner." },
	[WAIT_SCOPE] = { "scope_missing",
	    SENTENCES("The Pinterest account lacks a permission: its owner has to connect it again "
		      "and grant all of them",
		""),
	    HAND_OWNER,
	    "Connect it again and grant all permissions: GET /v1/pinterest/oauth/start, or a "
	    "connect link for its owner." },
	[WAIT_APP_STOPPED] = { "pinterest_not_permitted",
	    SENTENCES("Pinterest refuses the operator's app; the operator has to act", ""),
	    HAND_OPERATOR,
	    "Look at the app at Pinterest; `pintempo app` tells what it answers. It is tried again "
	    "by itself." },
	[WAIT_RETRY] = { NULL, SENTENCES("A try failed; the next one is due later", ""),
	    HAND_NOBODY, "" },
	[WAIT_VERIFYING] = { "verification_pending",
	    SENTENCES("An earlier pin of the account is still being verified", ""), HAND_NOBODY,
	    "" },
	[WAIT_LINK_HOST] = { "rate_limited",
	    SENTENCES("Pins to this link's host are spaced out or held for a while", ""),
	    HAND_SENDER, "Send fewer pins to one link host, or use another link." },
	[WAIT_SAME_TEXT] = { "verification_pending",
	    SENTENCES("A pin of the same text on the same board is being verified", ""),
	    HAND_NOBODY, "" },
	[WAIT_TOKEN] = { "token_expired",
	    SENTENCES("The account's access token expired and Pinterest has not given a new one "
		      "yet; it is asked again and again",
		""),
	    HAND_NOBODY, "" },
	[WAIT_KEY_MISMATCH] = { "pinterest_not_permitted",
	    SENTENCES("The operator's key file does not open the account's token; the operator has "
		      "to act",
		""),
	    HAND_OPERATOR, "Put the right key file back, or have the account connected again." },
	[WAIT_NOT_PINTEREST] = { "pinterest_unavailable",
	    SENTENCES("Something other than Pinterest answers in Pinterest's place; the operator "
		      "has to act",
		BY_ITSELF),
	    HAND_OPERATOR,
	    "See that base_url is right and that no proxy or firewall answers in between. It is "
	    "tried again by itself." },
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

enum hand
wait_hand(enum wait_code w)
{
	return (unsigned)w < WAIT__COUNT ? waits[w].hand : HAND_NOBODY;
}

const char *
wait_todo(enum wait_code w)
{
	return (unsigned)w < WAIT__COUNT && waits[w].todo != NULL && waits[w].todo[0] != '\0'
		   ? waits[w].todo
		   : NULL;
}

const char *
hand_wire(enum hand h)
{
	static const char *const names[HAND__COUNT] = { "nobody", "sender", "account_owner",
		"operator" };

	return (unsigned)h < HAND__COUNT ? names[h] : names[HAND_NOBODY];
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
