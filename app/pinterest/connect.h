#ifndef APP_PINTEREST_CONNECT_H
#define APP_PINTEREST_CONNECT_H

#include <stdbool.h>

#include "lib/conf.h"
#include "lib/uuid.h"
#include "sql/store.h"

struct call;
struct problem;

/* An authorization code of Pinterest's -> a connected account of a project. */
struct connect_ask {
	struct uuid project_id;
	enum environment environment;
	struct actor by;
	const char *code;
};

/* Where Pinterest sends people back to; in the arena. */
const char *connect_redirect_uri(struct call *c);
/* The page where a person agrees; in the arena. */
const char *connect_authorize_url(
    struct call *c, const struct uuid *project_id, enum environment environment, const char *state);
/*
 * Exchanges the code, asks who it is, and stores account, lane and sealed tokens. The same
 * Pinterest user again is a reconnection: health and revocation are cleared and its lane is woken,
 * so held pins go out. Missing scopes still connect; the account's health says so. Never inside a
 * transaction. True and *account, or false and `why`.
 */
bool connect_code(
    struct call *c, const struct connect_ask *ask, struct uuid *account, struct problem *why);

#endif
