#ifndef APP_SANDBOX_OAUTH_H
#define APP_SANDBOX_OAUTH_H

#include <stdbool.h>

#include "lib/db/db.h"

struct call;

/* GET /oauth/: says yes at once (or no, by setting) and sends the browser back. */
void oauth_authorize(struct call *c);
/* POST /v5/oauth/token */
void oauth_token(struct call *c);
/* POST /v5/oauth/token/revoke */
void oauth_revoke(struct call *c);

/*
 * Settings, clock and (by the bearer token, when there is one) the user, into the call. Waits a
 * while for a database that is away. c->user_id stays 0 without a living token.
 */
enum db_rc oauth_session(struct call *c, bool with_user);
/* The user holds all of the comma-separated scopes; else the reply is 401/3 naming the others. */
bool oauth_permits(struct call *c, const char *scopes);

#endif
