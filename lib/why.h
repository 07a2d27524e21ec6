#ifndef LIB_WHY_H
#define LIB_WHY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/pin.h"
#include "lib/wait.h"

struct arena;

/*
 * Why a pin or schedule is where it is: one sentence, who can do what, and the conditions that must
 * all hold before it can be sent. The same words for the API and for the operator's command.
 */

/* What is known of it; times are the database's, TIME_NONE: none. Text may be NULL. */
struct why_facts {
	int64_t now_us;
	enum pin_state state; /* of a schedule: its pin's, once there is one */
	int64_t run_at_us, not_after_us, due_us, published_us, failed_us, removed_us, deleted_us;
	const char *error_code, *error_message, *pinterest_pin_id;
	enum wait_code wait;
	int64_t wait_until_us;
	int64_t ahead; /* pins of the account that are due before it */
	/* project, account, app */
	int64_t project_paused_us, account_paused_us, revoked_us, health_checked_us;
	bool reconnect;
	const char *health_message;
	int64_t token_expires_us;
	bool token_renews;
	int64_t app_stopped_us, app_hold_until_us;
	/* lane and worker */
	int64_t hold_until_us, next_at_us, busy_until_us, lease_until_us;
	enum wait_code hold_code, next_code;
	bool in_flight_other; /* another pin of the lane is being sent or verified */
};

enum why_condition {
	WHY_WORKER,
	WHY_PROJECT,
	WHY_ACCOUNT,
	WHY_TOKEN,
	WHY_APP,
	WHY_TIME,
	WHY_WINDOW,
	WHY_LANE,
	WHY_CAP,
	WHY_SPACING,
	WHY_CONDITION__COUNT
};
/* "worker", "project", ... */
const char *why_condition_name(enum why_condition c);

struct why_state {
	bool met;
	int64_t since_us, until_us; /* TIME_NONE: not known */
	const char *message;
};

struct why {
	const char *sentence; /* ends with a full stop */
	const char *detail;   /* what Pinterest or Pintempo said, or NULL */
	enum hand hand;
	const char *todo;    /* NULL: nothing need be done */
	int64_t expected_us; /* not before; TIME_NONE: not known, or it has ended */
	int64_t late_us;     /* after its time: it went so much later, or has not gone yet */
	bool open;           /* it may still be sent: the conditions count */
	struct why_state conditions[WHY_CONDITION__COUNT];
};

/* Pure; text lives in `mem` or is static. */
struct why why(const struct why_facts *f, struct arena *mem);
/* Is it an error code of pins (lib/pin_errors.def)? */
MUST_CHECK bool why_error_known(const char *code);
/* What has happened, without "Failed: " and full stop, and who has to act; NULL and the operator
 * for a code that is not known. */
const char *why_error_sentence(const char *code);
enum hand why_error_hand(const char *code);
/* The i-th of those codes; NULL: there are no more. */
const char *why_error_code(unsigned i);

#endif
