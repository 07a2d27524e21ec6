#ifndef APP_HTTP_CALL_H
#define APP_HTTP_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/http/app.h"
#include "app/http/reply.h"
#include "app/http/req.h"
#include "lib/attr.h"
#include "lib/conf.h"
#include "lib/db/db.h"
#include "lib/limit.h"
#include "lib/problem.h"
#include "lib/text.h"
#include "lib/uuid.h"
#include "sql/store.h"

struct arena;
struct json_object;
struct status_token;

enum who_kind { WHO_NOBODY, WHO_SESSION, WHO_KEY, WHO_POLLER };
enum { SCOPE_READ = 1, SCOPE_WRITE = 2, SCOPE_DESTRUCTIVE = 4, SCOPE_ALL = 7 };

/* Who asks, in which project. A session has all scopes its role allows. */
struct principal {
	enum who_kind kind;
	struct uuid user_id; /* session: the user; key: who created it (may be nil) */
	struct uuid key_id;
	struct uuid session_id;
	struct uuid organization_id;
	struct uuid project_id;
	enum environment environment;
	unsigned scopes;
	const char *role;        /* session only */
	const char *account_ids; /* key's allow-list (32-hex, comma-separated), NULL: all */
	const char *label;       /* e-mail or key name: for activity logs */
	const struct status_token *poller; /* NULL, or all that the caller may see */
	unsigned char token_hash[32];
};

/* One request being answered, by one thread. Handlers get this and nothing else. */
struct call {
	const struct app *app;
	struct db *db;
	struct arena *mem; /* everything lives until the reply is written */
	struct req *req;
	const char *route;        /* the pattern that matched: for logs and stored replies */
	const char *query;        /* declared parameters; NULL: not checked */
	const char *param[2];     /* {} segments of the route, decoded */
	struct json_object *json; /* the parsed body, or NULL */
	struct principal who;
	struct limit_own own; /* limits of the caller's project */
	struct reply reply;
	int64_t now_us;              /* database clock; on public routes the local clock */
	bool reads;                  /* the route changes nothing, whatever its method */
	bool idem_done;              /* the reply is already stored under the Idempotency-Key */
	unsigned char idem_hash[32]; /* hash of the request under the Idempotency-Key */
	const char *done;            /* sentence for errors: what is already done */
	bool compared, part;         /* If-Match was compared; one action of a bulk request */
	int64_t meter_left;          /* requests that the credential has left */
	unsigned admitted;           /* what admit_end() gives back, */
	struct uuid admitted_for;    /* to this project: a reset changes who.project_id */
	bool in_time;     /* statements are limited in time: one that takes longer is a 422 */
	bool wake_worker; /* wake the worker once the reply is written */
};

/* Parses c->param[param] as a UUID. False: the reply is set to 404. */
MUST_CHECK bool call_uuid(struct call *c, unsigned param, struct uuid *id);
/* Sets a 404 with the message "<what> not found." */
void call_not_found(struct call *c, const char *what);
/* Sets the reply for a database failure: 503 with Retry-After, or 500. */
void call_db_error(struct call *c, enum db_rc rc);
/*
 * True when DB_OK. Otherwise sets the reply: a 404 for DB_NONE (if `what` is not NULL), or that of
 * call_db_error().
 */
MUST_CHECK bool call_found(struct call *c, enum db_rc rc, const char *what);
/* Replies 200 with `body` when DB_OK, otherwise as call_found(). Takes ownership of `body`. */
void call_reply(struct call *c, enum db_rc rc, const char *what, struct json_object *body);
/* True when `why` holds a problem: the reply is set to it. */
MUST_CHECK bool call_refused(struct call *c, const struct problem *why);
/* The first query parameter of that name, which the route must declare, or NULL. */
const char *call_query(const struct call *c, const char *name);
/*
 * All values of a parameter that may be given several times, or hold several parted by commas: by
 * the rule of TEXT_LINE, with runs of blanks as one; without empty ones and repeats (in any ASCII
 * case). Too many or long ones, or none: see `why`. NULL-ended.
 */
const char **call_query_list(
    struct call *c, const char *name, size_t most, size_t max, struct problem *why);
/* Text by the rule of lib/text.h; NULL when absent, empty or wrong (then `why` says so). */
const char *call_query_text(
    struct call *c, const char *name, enum text_kind kind, size_t max, struct problem *why);
/* An address by the rule of lib/url.h; NULL like call_query_text(). */
const char *call_query_url(struct call *c, const char *name, struct problem *why);
/*
 * Typed query parameters, without blanks at their edges; empty ones are absent, but for booleans.
 * True when absent or valid; false: `why` describes the problem.
 */
MUST_CHECK bool call_query_int(struct call *c, const char *name, int64_t min, int64_t max,
    int64_t *value, struct problem *why);
MUST_CHECK bool call_query_uuid(
    struct call *c, const char *name, struct uuid *value, bool *given, struct problem *why);
MUST_CHECK bool call_query_time(
    struct call *c, const char *name, int64_t *value_us, struct problem *why);
MUST_CHECK bool call_query_bool(struct call *c, const char *name, int *value, struct problem *why);
/* Index of the value in the NULL-terminated list; `absent` when not given; -1: see `why`. */
MUST_CHECK int call_query_enum(
    struct call *c, const char *name, const char *const *values, int absent, struct problem *why);

/* May this key use the account? */
MUST_CHECK bool call_account_listed(const struct call *c, const struct uuid *account_id);
/* False: the reply is set to 403 account_not_permitted. */
MUST_CHECK bool call_account_permitted(struct call *c, const struct uuid *account_id);
/* Who acts, for activity logs. */
struct actor call_actor(const struct call *c);

/*
 * Every change goes through here. Runs `work` in a transaction. `work` sets the reply and returns
 * DB_OK (commit), DB_NONE (roll back and send the reply: a refusal) or another database result.
 * Under an Idempotency-Key the reply is stored (sealed) in the same transaction; a second request
 * with the same key and body gets the stored reply, one with another body a 409 `conflict`. `work`
 * may run up to five times. True when committed.
 */
MUST_CHECK bool call_transact(
    struct call *c, enum db_rc (*work)(struct call *c, void *arg), void *arg);

#endif
