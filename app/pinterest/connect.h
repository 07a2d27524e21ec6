#ifndef APP_PINTEREST_CONNECT_H
#define APP_PINTEREST_CONNECT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/conf.h"
#include "lib/scopes.h"
#include "lib/uuid.h"
#include "sql/store.h"

struct call;
struct problem;

/* Turns an authorization code of Pinterest into a connected account of a project. */
struct connect_ask {
	struct uuid project_id;
	struct uuid account_id; /* the account that is to be connected again; nil: any */
	enum environment environment;
	struct actor by;
	const char *code;
};

/* What came of it; the texts are in the call's arena. */
struct connect_done {
	struct uuid account_id;
	const char *username; /* NULL: Pinterest named none */
	struct scopes_grant grant;
	bool known;       /* the Pinterest user was connected before */
	const char *kept; /* NULL: stored; else why the account stays as it was */
	int64_t ends_us;  /* without a refresh token: when the connection ends; else TIME_NONE */
};

/* The page where the user grants access; in the arena. */
const char *connect_authorize_url(
    struct call *c, const struct uuid *project_id, enum environment environment, const char *state);
/*
 * Exchanges the code, reads the Pinterest user, and stores account, lane and sealed tokens. A user
 * who is connected already is reconnected: health and revocation are cleared and the lane is woken,
 * so that held pins go out. Without the scopes that publishing needs the account is connected, but
 * marked unhealthy. A grant that is poorer than what a working account has changes nothing.
 * True and *done, or false and `why`. Never call it in a transaction.
 */
MUST_CHECK bool connect_code(
    struct call *c, const struct connect_ask *ask, struct connect_done *done, struct problem *why);

#endif
