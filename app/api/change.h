#ifndef APP_API_CHANGE_H
#define APP_API_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/db/db.h"
#include "sql/store.h"

struct call;
struct problem;
struct pin_view;

/*
 * Changes of pins that schedules share. Each is a conditional write on state and version inside
 * call_transact()'s transaction; DB_RETRY: the row moved on since it was read, read it again.
 */

/* Takes back a waiting pin: after this commits no request for it can leave. */
enum db_rc change_drop_waiting(struct call *c, const struct uuid *pin_id, int64_t version);
/* Writes one activity about a resource. */
enum db_rc change_note(struct call *c, const char *resource_type, const struct uuid *id,
    const char *action, const char *status, const char *message);
/* 409 pin_publishing, with what is true now. */
void change_publishing(struct call *c, int64_t state);

/* It failed, and whether it is on Pinterest nobody knows. */
bool change_is_unknown(const struct pin_view *pin);
/* 409: it may be on Pinterest as it was, so it is not to go elsewhere or become something else. */
void change_may_be_published(struct problem *why);
/* Many at once are not looked up: then the reply is 409 `outcome_unknown`, and this is true. */
bool change_skip_unknown(struct call *c, const struct pin_view *pin);

/* What retry of a failed pin sets; `account` NULL: the same one. */
struct change_retry {
	const struct store_account *account;
	const char *board_id;
	bool accept_duplicate;
};
/*
 * A failed pin waits again (or, when its outcome is unknown and something was sent, is looked up
 * first). Its schedule, when it has one, follows. `pin` was read in this transaction.
 */
enum db_rc change_retry(struct call *c, const struct pin_view *pin, const struct change_retry *how);

#endif
