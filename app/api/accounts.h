#ifndef APP_API_ACCOUNTS_H
#define APP_API_ACCOUNTS_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/db/db.h"

struct call;
struct json_object;
struct uuid;

/*
 * Gives a sandbox project its account, lane and boards, by the OAuth calls to the simulator that a
 * user's connection makes. Runs outside a transaction; a repeated call creates what is missing.
 * False: the reply is the refusal (503 `pinterest_unavailable`, or the database).
 */
MUST_CHECK bool accounts_provision_sandbox(struct call *c, const struct uuid *project_id);

/*
 * One account of the caller's project, as in the list; on DB_OK the caller owns *out. DB_NONE: not
 * found or disconnected.
 */
enum db_rc accounts_one(struct call *c, const struct uuid *id, struct json_object **out);

/*
 * May the caller connect this account again, or any (nil)? A key that is limited to some accounts
 * may connect those again, and no others. False: the reply is set.
 */
MUST_CHECK bool accounts_connecting_permitted(struct call *c, const struct uuid *id);

#endif
