/* Why pins wait, in the words of the wire. */
#include "lib/wait.h"

#include <stddef.h>

static const struct {
	const char *code;
	const char *message;
} waits[WAIT__COUNT] = {
	[WAIT_PACE] = { "rate_limited",
	    "Waiting for the next slot of the account's pace; it publishes on its own." },
	[WAIT_DAILY_CAP] = { "rate_limited",
	    "The account reached its daily number of pins; it publishes on its own." },
	[WAIT_COOL_DOWN] = { "rate_limited", "Pinterest asked the account or the operator's app to "
					     "slow down; it publishes on its own." },
	[WAIT_SPAM_BLOCK] = { "rate_limited",
	    "Pinterest blocked the account for a while against spam; it publishes on its own." },
	[WAIT_UPSTREAM_DOWN] = { "pinterest_unavailable",
	    "Pinterest does not answer; it publishes on its own." },
	[WAIT_ACCOUNT_PAUSED] = { "paused", "The account is paused." },
	[WAIT_PROJECT_PAUSED] = { "paused", "The workspace is paused." },
	[WAIT_RECONNECT] = { "token_revoked",
	    "The Pinterest account has to be connected again by its owner." },
	[WAIT_APP_STOPPED] = { "pinterest_not_permitted",
	    "Pinterest refuses the operator's app; the operator has to act." },
	[WAIT_RETRY] = { NULL, "A try failed; the next one is due later." },
	[WAIT_VERIFYING] = { "verification_pending",
	    "An earlier pin of the account is still being verified." },
	[WAIT_LINK_HOST] = { "rate_limited",
	    "Pins to this link's host are spaced out or held for a while." },
	[WAIT_SAME_TEXT] = { "verification_pending",
	    "A pin of the same text on the same board is being verified." },
	[WAIT_TOKEN] = { "token_expired",
	    "The account's access token expired and Pinterest has not given a new one yet; it is "
	    "asked again and again." },
	[WAIT_KEY_MISMATCH] = { "pinterest_not_permitted",
	    "The operator's key file does not open the account's token; the operator has to act." },
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
