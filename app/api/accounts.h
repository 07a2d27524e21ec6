#ifndef APP_API_ACCOUNTS_H
#define APP_API_ACCOUNTS_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/db/db.h"

struct call;
struct json_object;
struct uuid;

/*
 * Makes sure that a sandbox project has its ready account, lane and boards, by the same OAuth calls
 * to the simulator that a person's connection makes. Run outside a transaction; running it again
 * repairs what is missing. False: the reply says why (503 `pinterest_unavailable`, or the
 * database).
 */
MUST_CHECK bool accounts_provision_sandbox(struct call *c, const struct uuid *project_id);

/* One account of the caller's project, as it is listed; on DB_OK *out is the caller's. DB_NONE:
 * there is none, or it was disconnected. */
enum db_rc accounts_one(struct call *c, const struct uuid *id, struct json_object **out);

#endif
