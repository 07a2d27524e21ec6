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
 * Calls to Pinterest (or the simulator) while an API client waits: blocking, limited to [app]
 * call_timeout_ms in total and to a share of the threads (upstream_places.h). Never call them in a
 * transaction.
 */
struct upstream_ask {
	const char *method;
	const char *path; /* relative to base_url: "/boards?page_size=250" */
	const char *type; /* of the body, or NULL */
	const char *body; /* or NULL */
};

enum upstream_result {
	UPSTREAM_OK,      /* a 2xx answer */
	UPSTREAM_REFUSED, /* Pinterest itself refused: `why` is set, the answer has the details */
	UPSTREAM_LIMITED, /* 429, or too many calls under way here: `why` says when to retry */
	UPSTREAM_AWAY,    /* never sent, or a read failed with 5xx, or something else answered it */
	UPSTREAM_UNKNOWN  /* sent, but no usable answer: a write may have happened */
};

/* Is this environment's Pinterest app configured? False: `why` is 503 pinterest_not_configured. */
MUST_CHECK int upstream_configured(struct call *c, enum environment env, struct problem *why);

/* Uses the account's token. On 401 the worker is asked to refresh it (c->wake_worker). */
MUST_CHECK enum upstream_result upstream_account(struct call *c,
    const struct store_account *account, const struct upstream_ask *ask, struct http_answer *answer,
    struct problem *why);

/* Uses a token that is not stored yet; `token` NULL: the app's own credentials. */
MUST_CHECK enum upstream_result upstream_plain(struct call *c, enum environment env,
    const struct uuid *project, const char *token, const struct upstream_ask *ask,
    struct http_answer *answer, struct problem *why);

/*
 * For a 2xx answer that does not hold what was asked for: `why` is 502, and the operator is told,
 * unless it has Pinterest's mark. Returns UPSTREAM_AWAY, for a write UPSTREAM_UNKNOWN.
 */
enum upstream_result upstream_misread(struct call *c, enum environment env,
    const struct upstream_ask *ask, const struct http_answer *answer, struct problem *why);

#endif
