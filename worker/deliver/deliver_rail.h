#ifndef WORKER_DELIVER_DELIVER_RAIL_H
#define WORKER_DELIVER_DELIVER_RAIL_H

#include "worker/deliver/deliver_endpoint.h"

/*
 * Whose delivery starts next. Organizations take turns, and in each its endpoints. An organization
 * has at most a quarter of all places, and at most three quarters of those of one target host, and
 * the less the more others hold (lib/fair_places.h); a slow endpoint has fewer places than
 * a fast one. Loop thread only.
 */
struct deliver_rail;

struct deliver_rail_limits {
	int64_t in_flight;    /* over all */
	int64_t per_host;     /* to one target host, over all tenants */
	int64_t per_endpoint; /* to one endpoint that answers within a second */
};

struct deliver_rail *deliver_rail_new(const struct deliver_rail_limits *limits);
void deliver_rail_free(struct deliver_rail *r); /* before the endpoints */
/* Appends `d` to the queue of its endpoint `e`. */
void deliver_rail_queue(struct deliver_rail *r, struct deliver_endpoint *e, struct delivery *d);
/* What could not start may be asked for again: places were given back. */
void deliver_rail_again(struct deliver_rail *r);
/*
 * The next that may start, now the caller's, with its places, and its endpoint in *e; NULL: none,
 * until deliver_rail_again().
 */
struct delivery *deliver_rail_next(struct deliver_rail *r, struct deliver_endpoint **e);
/* Gives back the places of `d`. */
void deliver_rail_over(
    struct deliver_rail *r, struct deliver_endpoint *e, const struct delivery *d);

#endif
