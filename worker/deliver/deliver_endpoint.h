#ifndef WORKER_DELIVER_DELIVER_ENDPOINT_H
#define WORKER_DELIVER_DELIVER_ENDPOINT_H

#include "worker/deliver/deliver_claim_db.h"

/*
 * An endpoint being served: what is under way to it, what waits for its turn, and how fast it
 * answers. Loop thread only; forgotten a minute after its last delivery.
 */
struct deliver_ring;
struct deliver_endpoint {
	struct uuid webhook_id;
	unsigned active, queued;
	unsigned failures; /* in a row, as far as this worker knows */
	int64_t each_us;   /* average time of one delivery */
	int64_t slot_us;   /* of struct endpoint_quota */
	int64_t used_us;   /* monotonic */
	struct delivery_list queue;
	struct deliver_ring *ring; /* deliver_rail.c's, while it waits for its turn; NULL: none */
	TAILQ_ENTRY(deliver_endpoint) turn;
	LIST_ENTRY(deliver_endpoint) link;
};

struct deliver_endpoints;

#define DELIVER_ENDPOINT_EACH_US 50000 /* of an endpoint that is not known yet */

struct deliver_endpoints *deliver_endpoint_table(void);
void deliver_endpoint_free(struct deliver_endpoints *t); /* with what is queued */
size_t deliver_endpoint_count(const struct deliver_endpoints *t);
/* Adds it if it is not known. */
struct deliver_endpoint *deliver_endpoint_get(struct deliver_endpoints *t, const struct uuid *id);
/* NULL when it is not known. */
struct deliver_endpoint *deliver_endpoint_find(struct deliver_endpoints *t, const struct uuid *id);
void deliver_endpoint_each(
    struct deliver_endpoints *t, void (*each)(struct deliver_endpoint *e, void *arg), void *arg);
/* Forgets those that have been idle for a minute. */
void deliver_endpoint_sweep(struct deliver_endpoints *t, int64_t mono_us);

/* Appends `d`, which becomes the endpoint's. */
void deliver_endpoint_queue(struct deliver_endpoint *e, struct delivery *d);
/* The first that waits, now the caller's; NULL: none. */
struct delivery *deliver_endpoint_pop(struct deliver_endpoint *e);
/* Updates the average by one delivery's time. */
void deliver_endpoint_latency(struct deliver_endpoint *e, int64_t us);
/*
 * How many deliveries of one endpoint may be under way: in_flight_max if it answers within a second
 * on average, fewer the slower it is, at least one.
 */
unsigned deliver_endpoint_places(int64_t in_flight_max, int64_t each_us);
/*
 * How many deliveries of one endpoint may be under way or wait here: as many as may be in flight,
 * and half a second's work more.
 */
int64_t deliver_endpoint_cap(int64_t in_flight_max, int64_t each_us);

#endif
