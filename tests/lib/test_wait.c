/* Every waiting reason has a sentence, and the code of the PinBridge API docs. */
#include "lib/wait.h"

#include "tests/tap.h"

int
main(void)
{
	static const char *const codes[WAIT__COUNT] = { NULL, "rate_limited", "rate_limited",
		"rate_limited", "rate_limited", "pinterest_unavailable", "paused", "paused",
		"token_revoked", "pinterest_not_permitted", NULL, "verification_pending",
		"rate_limited", "verification_pending", "token_expired",
		"pinterest_not_permitted" };
	int w;

	for (w = 0; w < WAIT__COUNT; w++) {
		is_str(wait_wire_code((enum wait_code)w), codes[w], "code of a reason");
		ok((wait_message((enum wait_code)w) != NULL) == (w != WAIT_NONE),
		    "every waiting reason has a message");
	}
	return tap_done();
}
