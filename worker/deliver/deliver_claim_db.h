#ifndef WORKER_DELIVER_DELIVER_CLAIM_DB_H
#define WORKER_DELIVER_DELIVER_CLAIM_DB_H

#include <stdbool.h>

#include "worker/deliver/deliver_plan.h"
#include "worker/frame/fence_db.h"
#include "worker/frame/clock_sample.h"

/* The DB thread's first half of a delivery: what is due becomes this worker's for a while. */

#define DELIVER_BATCH 64
#define DELIVER_SECRET_SEALED_MAX 1024
#define DELIVER_BREAKER 5 /* consecutive failures: its endpoint gets one attempt at a time */

/* One delivery under way. On the heap, body and url inside the same block. */
struct delivery {
	struct uuid id, project_id, event_id, webhook_id;
	unsigned shard;
	int64_t attempts, step, deadline_us, type;
	bool probe; /* the breaker is open: the one that tries */
	unsigned char secret[DELIVER_SECRET_SEALED_MAX];
	size_t secret_len;
	size_t body_len;
	char *url, *body;
	int64_t claimed_us;    /* monotonic; the loop's */
	struct delivery *next; /* of whoever holds it */
};

/* How many of one endpoint may be under way, and what becomes of those that are over. */
struct deliver_room {
	struct uuid webhook_id;
	int64_t cap, under_way;
	int64_t each_us; /* it takes one in so much time */
	int64_t slot_us; /* database time when the next one that is put off may come back */
};

struct deliver_claim {
	struct leases leases;                  /* in */
	int64_t limit, lease_us, cap, each_us; /* the last two: of an endpoint not in `rooms` */
	uint32_t random32;
	size_t rooms_len; /* in and out; at least DELIVER_BATCH entries more are allocated */
	struct deliver_room *rooms;
	uint64_t lost;            /* out */
	struct delivery *claimed; /* the caller's; oldest first */
	bool full;                /* the batch was full: more is due */
	struct clock_sample sample;
};
enum db_rc deliver_claim(struct db *db, struct deliver_claim *c);

#endif
