#ifndef APP_HTTP_LIMITS_H
#define APP_HTTP_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/db/db.h"
#include "lib/limit.h"

struct call;
struct problem;
struct uuid;

/* Limits of rows: those of lib/limit.def before LIMIT__ROWS. */

/* What this process knows of the rows of projects, so that not every request counts them. */
struct limits;
struct limits *limits_new(void);
void limits_free(struct limits *l);

/*
 * Room for `more` rows of a project, or (TEAM) of an organization. DB_NONE: there is none, and
 * `why` is the 409. An EXACT or TEAM limit must be asked for inside the transaction that writes the
 * rows, and is never exceeded: it locks the owner. A LEASED one costs nothing most of the time; it
 * can be exceeded by what the requests in hand write meanwhile, and for each further process by a
 * quarter of what was free or 100 rows, whichever is more, within ten seconds.
 */
enum db_rc limits_claim(
    struct call *c, enum limit which, const struct uuid *owner, int64_t more, struct problem *why);

/* The same for one more row of the caller's project. DB_NONE: the reply is the 409. */
enum db_rc limits_claim_one(struct call *c, enum limit which);

struct limit_use {
	const char *name, *setting, *what;
	int64_t limit, used; /* no more than `limit` are counted; -1: not this caller's */
	const char *of;      /* "project", "person" or "organization" */
	bool own;            /* the operator gave it this project */
};
/* Fills `use` for the caller's project, person or organization. */
enum db_rc limits_use(struct call *c, enum limit which, struct limit_use *use);

#endif
