#ifndef LIB_WAIT_H
#define LIB_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"

/*
 * Why a pin waits: stored in lanes.hold_code and computed by the view `waiting`. On the wire: a
 * PinBridge error code and a sentence; WAIT_NONE has neither.
 */
enum wait_code {
	WAIT_NONE = 0,
	WAIT_PACE = 1, /* lane bucket is empty */
	WAIT_DAILY_CAP = 2,
	WAIT_COOL_DOWN = 3,  /* 429 code 8 */
	WAIT_SPAM_BLOCK = 4, /* 429 code 9 "hit a block" */
	WAIT_UPSTREAM_DOWN = 5,
	WAIT_ACCOUNT_PAUSED = 6,
	WAIT_PROJECT_PAUSED = 7,
	WAIT_RECONNECT = 8,   /* the owner must reconnect the account */
	WAIT_APP_STOPPED = 9, /* Pinterest refuses the operator's app */
	WAIT_RETRY = 10, /* a try failed, the next is due later; the pin's error code says why */
	WAIT_VERIFYING =
	    11, /* the lane is closed while a create with unknown outcome may still arrive */
	WAIT_LINK_HOST = 12, /* pins to this link host are blocked or spaced out */
	WAIT_SAME_TEXT = 13, /* a pin with the same text on the same board is being verified */
	WAIT_TOKEN = 14,     /* the access token expired; Pinterest has not given a new one yet */
	WAIT_KEY_MISMATCH = 15, /* the operator's key file does not open the account's token */
	WAIT_SCOPE = 16,        /* the owner must reconnect the account and grant all permissions */
	WAIT_NOT_PINTEREST = 17, /* something else answers in Pinterest's place */
	WAIT__COUNT
};

/* Who has to act. On the wire: "nobody", "sender", "account_owner", "operator". */
enum hand {
	HAND_NOBODY, /* it goes on by itself */
	HAND_SENDER, /* whoever sends the pins */
	HAND_OWNER,  /* the owner of the Pinterest account */
	HAND_OPERATOR,
	HAND__COUNT
};
const char *hand_wire(enum hand h);

const char *wait_wire_code(enum wait_code w); /* "rate_limited", "token_revoked", ... or NULL */
const char *wait_message(enum wait_code w);
enum hand wait_hand(enum wait_code w);
/* What that hand can do; NULL: nothing need be done. */
const char *wait_todo(enum wait_code w);
/* The wait ends at or after the deadline: such a pin fails unpublished. TIME_NONE: not known. */
MUST_CHECK bool wait_is_late(int64_t until_us, int64_t deadline_us);
/* As wait_message(); a wait that is late says that first. */
const char *wait_message_until(enum wait_code w, int64_t until_us, int64_t deadline_us);

#endif
