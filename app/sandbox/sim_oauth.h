#ifndef APP_SANDBOX_SIM_OAUTH_H
#define APP_SANDBOX_SIM_OAUTH_H

#include <stdbool.h>

#include "lib/db/db.h"

struct sim_call;

/*
 * Settings, clock and (by the bearer token, when there is one) the user, into the call. Waits a
 * while for a database that is away. c->user_id stays 0 without a living token.
 */
enum db_rc sim_oauth_session(struct sim_call *c, bool with_user);
/* The user holds all of the comma-separated scopes; else the reply is 401/3 naming the others. */
bool sim_oauth_permits(struct sim_call *c, const char *scopes);

#endif
