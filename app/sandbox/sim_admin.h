#ifndef APP_SANDBOX_SIM_ADMIN_H
#define APP_SANDBOX_SIM_ADMIN_H

#include <stdbool.h>

struct sim_call;

/* The script of tests (docs/sandbox.md). Without --admin-token-file these routes do not exist. */

/* The right X-Sandbox-Admin; else the reply is 404 or 403. */
bool sim_admin_permits(struct sim_call *c);

#endif
