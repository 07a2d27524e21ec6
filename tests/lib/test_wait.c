/* Every waiting reason has a sentence, and the code of the PinBridge API docs. */
#include "lib/wait.h"

#include <string.h>

#include "lib/clock.h"
#include "tests/tap.h"

int
main(void)
{
	static const char *const codes[WAIT__COUNT] = { NULL, "rate_limited", "rate_limited",
		"rate_limited", "rate_limited", "pinterest_unavailable", "paused", "paused",
		"token_revoked", "pinterest_not_permitted", NULL, "verification_pending",
		"rate_limited", "verification_pending", "token_expired", "pinterest_not_permitted",
		"scope_missing", "pinterest_unavailable" };
	int w;

	for (w = 0; w < WAIT__COUNT; w++) {
		is_str(wait_wire_code((enum wait_code)w), codes[w], "code of a reason");
		ok((wait_message((enum wait_code)w) != NULL) == (w != WAIT_NONE),
		    "every waiting reason has a message");
		if (w != WAIT_NONE)
			ok(strstr(wait_message_until((enum wait_code)w, 20, 20),
			       "not be published before its deadline") != NULL &&
				strstr(wait_message_until((enum wait_code)w, 20, 20),
				    "on its own") == NULL,
			    "a wait until the deadline promises nothing");
	}
	is_str(wait_message_until(WAIT_PACE, 19, 20), wait_message(WAIT_PACE),
	    "a wait that ends before the deadline is not late");
	is_str(wait_message_until(WAIT_PACE, TIME_NONE, 20), wait_message(WAIT_PACE),
	    "nor is one without an end");
	is_str(wait_message_until(WAIT_PACE, 20, TIME_NONE), wait_message(WAIT_PACE),
	    "nor is one without a deadline");
	return tap_done();
}
