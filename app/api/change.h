#ifndef APP_API_CHANGE_H
#define APP_API_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/db/db.h"
#include "sql/store.h"

struct call;
struct problem;
struct pin_view;
struct pin_view_kind;

/*
 * Changes of pins that schedules share, inside call_transact()'s transaction. Each is conditional
 * on the state and version that were read; DB_RETRY: the row has changed since, read it again.
 */

/* Deletes a waiting pin: after the commit no request for it can leave. */
enum db_rc change_drop_waiting(struct call *c, const struct uuid *pin_id, int64_t version);
/* True when a pin in `state` is being sent or looked up: the reply is 409 `pin_publishing`. */
MUST_CHECK bool change_refuse_publishing(struct call *c, int64_t state);

/* True if the pin failed and it is unknown whether it is on Pinterest. */
MUST_CHECK bool change_is_unknown(const struct pin_view *pin);
/* 409: the pin may be on Pinterest already, so it must not go elsewhere or change. */
void change_may_be_published(struct problem *why);
/* Bulk retry skips unknown outcomes: sets the reply to 409 `outcome_unknown` and returns true. */
MUST_CHECK bool change_skip_unknown(struct call *c, const struct pin_view *pin);

/* What retry of a failed pin sets; `account` NULL: the same one. */
struct change_retry {
	const struct store_account *account;
	const char *board_id;
	bool accept_duplicate;
};
/*
 * A failed pin waits again or, when its outcome is unknown and something was sent, is looked up
 * first. Its schedule follows. `pin` was read in this transaction. DB_NONE: too many wait, and the
 * reply is the 409.
 */
enum db_rc change_retry(struct call *c, const struct pin_view *pin, const struct change_retry *how);
/* The last steps of a change: writes its activity and replies with the row as it is now. */
enum db_rc change_done(struct call *c, const struct pin_view_kind *kind, const struct pin_view *was,
    enum activity_action action);

#endif
