#ifndef WORKER_DELIVER_DELIVER_ENDPOINT_H
#define WORKER_DELIVER_DELIVER_ENDPOINT_H

#include "worker/deliver/deliver_claim_db.h"

/*
 * The endpoints that are being served: what is under way to each, what waits for a place, and how
 * fast it answers. Loop thread only; forgotten a minute after their last delivery.
 */
struct deliver_endpoint {
	struct uuid webhook_id;
	unsigned active, queued;
	unsigned failures; /* in a row, as far as is known here */
	int64_t each_us;   /* average time of one delivery */
	int64_t slot_us;   /* of struct deliver_room */
	int64_t used_us;   /* monotonic */
	struct delivery *head, **tail;
	struct deliver_endpoint *next; /* of its chain */
};

struct deliver_endpoints;

#define DELIVER_ENDPOINT_EACH_US 50000 /* of one that is not known yet */

struct deliver_endpoints *deliver_endpoint_table(void);
void deliver_endpoint_free(struct deliver_endpoints *t); /* with what is queued */
size_t deliver_endpoint_count(const struct deliver_endpoints *t);
/* Finds or makes it. */
struct deliver_endpoint *deliver_endpoint_get(struct deliver_endpoints *t, const struct uuid *id);
/* NULL when it is not known. */
struct deliver_endpoint *deliver_endpoint_find(struct deliver_endpoints *t, const struct uuid *id);
void deliver_endpoint_each(
    struct deliver_endpoints *t, void (*each)(struct deliver_endpoint *e, void *arg), void *arg);
/* Forgets those that have been idle for a minute. */
void deliver_endpoint_sweep(struct deliver_endpoints *t, int64_t mono_us);

/* `d` becomes the endpoint's, behind what waits already. */
void deliver_endpoint_queue(struct deliver_endpoint *e, struct delivery *d);
/* The first that waits (the caller's again), or NULL. */
struct delivery *deliver_endpoint_pop(struct deliver_endpoint *e);
/* A delivery took so long. */
void deliver_endpoint_latency(struct deliver_endpoint *e, int64_t us);
/* How many may be under way or wait here, by its speed: half a second's work beyond its places. */
int64_t deliver_endpoint_cap(int64_t places, int64_t each_us);

#endif
