#ifndef APP_SANDBOX_SIM_ADMIN_H
#define APP_SANDBOX_SIM_ADMIN_H

#include <stdbool.h>

#include "lib/attr.h"

struct sim_call;

/* Has the request the token of --admin-token-file in X-Sandbox-Admin? */
MUST_CHECK bool sim_admin_given(const struct sim_call *c);
/* Checks X-Sandbox-Admin for the admin routes (docs/sandbox.md). False: the reply is 403, or 404
 * without --admin-token-file. */
MUST_CHECK bool sim_admin_permits(struct sim_call *c);

#endif
