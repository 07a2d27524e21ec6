#ifndef APP_SANDBOX_SIM_OAUTH_H
#define APP_SANDBOX_SIM_OAUTH_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/db/db.h"

struct sim_call;

/*
 * Reads settings, clock and, with a bearer token, the user into the call. Waits up to 10 s for a
 * database that is away. c->user_id stays 0 without a valid token.
 */
enum db_rc sim_oauth_session(struct sim_call *c, bool with_user);
/*
 * Is the request the application's: HTTP Basic with its id and secret? Needs no database. False:
 * the reply is set.
 */
MUST_CHECK bool sim_oauth_client(struct sim_call *c);
/* Sets c->user_id to whose code or refresh token the body has; 0: nobody's. DB_OK in both cases. */
MUST_CHECK enum db_rc sim_oauth_owner(struct sim_call *c);
/*
 * Has the token all of the comma-separated scopes? False: the reply is 401/3 and names the missing
 * ones.
 */
MUST_CHECK bool sim_oauth_permits(struct sim_call *c, const char *scopes);
/* For a secret board or a pin on one: has the token the secret kind of each scope of the route? */
MUST_CHECK bool sim_oauth_permits_secret(struct sim_call *c);
/* Does a list that needs these scopes include what is secret? */
MUST_CHECK bool sim_oauth_sees_secret(const struct sim_call *c);

#endif
