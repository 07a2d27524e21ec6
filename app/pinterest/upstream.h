#ifndef APP_PINTEREST_UPSTREAM_H
#define APP_PINTEREST_UPSTREAM_H

#include <stddef.h>

#include "lib/attr.h"
#include "lib/http.h"
#include "lib/problem.h"
#include "lib/uuid.h"
#include "sql/store.h"

struct call;

/*
 * Calls to Pinterest (or the simulator) that a user waits for: blocking, [app] call_timeout_ms in
 * all, at most half of the threads at once. Never inside a transaction.
 */
struct upstream_ask {
	const char *method;
	const char *path; /* behind base_url: "/boards?page_size=250" */
	const char *type; /* of the body, or NULL */
	const char *body; /* or NULL */
};

enum upstream_result {
	UPSTREAM_OK,      /* a 2xx answer */
	UPSTREAM_REFUSED, /* Pinterest said no: `why` is set, the answer is there to look closer */
	UPSTREAM_LIMITED, /* 429, or no slot free here: `why` says when to come back */
	UPSTREAM_AWAY,    /* it never left, or 5xx on something that may be asked again */
	UPSTREAM_UNKNOWN  /* it left and no usable answer came: a write may have happened */
};

/* Is this environment's Pinterest app configured? False: `why` is 503 pinterest_not_configured. */
MUST_CHECK int upstream_configured(struct call *c, enum environment env, struct problem *why);

/* With the account's own token. On 401 the worker is asked to refresh it (c->poke). */
MUST_CHECK enum upstream_result upstream_account(struct call *c,
    const struct store_account *account, const struct upstream_ask *ask, struct http_answer *answer,
    struct problem *why);

/* With a token that is not stored yet, or with the app's own credentials when `token` is NULL. */
MUST_CHECK enum upstream_result upstream_plain(struct call *c, enum environment env,
    const char *token, const struct upstream_ask *ask, struct http_answer *answer,
    struct problem *why);

#endif
