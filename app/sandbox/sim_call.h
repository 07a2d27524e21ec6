#ifndef APP_SANDBOX_SIM_CALL_H
#define APP_SANDBOX_SIM_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "app/sandbox/sim_faults.h"
#include "app/sandbox/sim_http.h"
#include "app/sandbox/sim_settings.h"
#include "lib/conf.h"
#include "lib/db/db.h"

struct conn;
struct arena;
struct json_object;
struct limiter;
struct shares;
struct sim_fetch_cache;
struct sim_turns;

/* What all threads share, read-only (what is opaque locks itself). */
struct sim {
	const struct conf *conf;
	const char *prefix;      /* mount point, "/sandbox" */
	const char *admin_token; /* NULL: no admin routes */
	const char *callback;    /* the redirect_uri that anybody may use */
	struct sim_fetch_cache *images;
	struct limiter *bodies; /* large request bodies in memory */
	struct shares *users;   /* requests in hand; by user */
	struct sim_turns *turns;
};

/* One request being answered, by one thread. */
struct sim_call {
	const struct sim *sim;
	struct db *db;
	struct arena *mem;
	int stop_fd; /* becomes readable when the program is to end */
	struct sim_request *req;
	struct conn *conn; /* the request's body */
	struct sim_reply reply;
	struct sim_settings set;
	int64_t now_us;  /* database clock at arrival, without skew */
	bool armed;      /* some fault is armed, for this user or another */
	int64_t user_id; /* of the token, or of the grant that is exchanged; 0: not valid */
	int64_t
	    holder; /* whose token it is, also when it has expired or was revoked; 0: nobody's */
	bool known; /* the request came with valid credentials: it counts in the rate windows */
	const char *username;
	const char *scope;        /* what the token holds */
	const char *needed;       /* what the route needs */
	int64_t id;               /* the route's {id}, or 0 */
	int64_t board_id;         /* the board that the request is about, or 0 */
	struct json_object *json; /* parsed JSON body, or NULL */
	struct sim_fault fault;   /* what goes wrong with this request */
	const char *link_host;    /* of a create, for the ledger */
	bool noted;               /* the create is in the ledger */
	int64_t hold_ms;          /* the finished answer is held back so long */
	int64_t images_us;        /* monotonic: until then its images must have come */
	bool large;               /* it holds a place of sim->bodies */
	bool placed;              /* likewise, of sim->users */
};

#endif
