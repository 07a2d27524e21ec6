#ifndef APP_SANDBOX_SIM_CALL_H
#define APP_SANDBOX_SIM_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "app/sandbox/sim_faults.h"
#include "app/sandbox/sim_http.h"
#include "app/sandbox/sim_settings.h"
#include "lib/conf.h"
#include "lib/db/db.h"

struct arena;
struct sim_fetch_cache;
struct json_object;

/* What all threads share, read-only (the image cache has its own lock). */
struct sim {
	const struct conf *conf;
	const char *prefix;      /* mount point, "/sandbox" */
	const char *admin_token; /* NULL: no admin routes */
	struct sim_fetch_cache *images;
};

/* One request being answered, by one thread. */
struct sim_call {
	const struct sim *sim;
	struct db *db;
	struct arena *mem;
	int stop_fd; /* becomes readable when the program is to end */
	const struct sim_request *req;
	struct sim_reply reply;
	struct sim_settings set;
	int64_t now_us;  /* database clock at arrival, without skew */
	bool armed;      /* some fault is armed, for this user or another */
	int64_t user_id; /* 0: no valid token */
	const char *username;
	const char *scope;        /* what the token holds */
	const char *needed;       /* what the route needs */
	int64_t id;               /* the route's {id}, or 0 */
	int64_t board_id;         /* the board that the request is about, or 0 */
	struct json_object *json; /* parsed JSON body, or NULL */
	struct sim_fault fault;   /* what goes wrong with this request */
	const char *link_host;    /* of a create, for the ledger */
	bool noted;               /* the create is in the ledger */
};

#endif
