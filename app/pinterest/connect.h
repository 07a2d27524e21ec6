#ifndef APP_PINTEREST_CONNECT_H
#define APP_PINTEREST_CONNECT_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/conf.h"
#include "lib/uuid.h"
#include "sql/store.h"

struct call;
struct problem;

/* Turns an authorization code of Pinterest into a connected account of a project. */
struct connect_ask {
	struct uuid project_id;
	enum environment environment;
	struct actor by;
	const char *code;
};

/* The page where the user grants access; in the arena. */
const char *connect_authorize_url(
    struct call *c, const struct uuid *project_id, enum environment environment, const char *state);
/*
 * Exchanges the code, reads the Pinterest user, and stores account, lane and sealed tokens. A user
 * who is connected already is reconnected: health and revocation are cleared and the lane is woken,
 * so that held pins go out. With scopes missing the account is connected, but marked unhealthy.
 * True and *account, or false and `why`. Never call it in a transaction.
 */
MUST_CHECK bool connect_code(
    struct call *c, const struct connect_ask *ask, struct uuid *account, struct problem *why);

#endif
