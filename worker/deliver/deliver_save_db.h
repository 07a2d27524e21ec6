#ifndef WORKER_DELIVER_DELIVER_SAVE_DB_H
#define WORKER_DELIVER_DELIVER_SAVE_DB_H

#include "worker/deliver/deliver_claim_db.h"
#include "worker/deliver/deliver_plan.h"

/* The DB thread's second half of a delivery: what the attempt came to. */

#define DELIVER_EXCERPT_MAX 4096

struct deliver_result {
	struct delivery *d;
	struct deliver_plan plan;
	int64_t started_us, duration_ms;
	long status;   /* 0: none */
	char ip[64];   /* "": not connected, or not to be told */
	char *excerpt; /* heap; NULL: none */
	size_t excerpt_len;
	struct deliver_result *next;
};

struct deliver_saving {
	struct leases leases; /* in */
	struct deliver_result *results[DELIVER_BATCH];
	size_t len;
	uint64_t lost; /* out */
};
/*
 * All results in one transaction. A second call after DB_UNKNOWN is harmless. DB_NONE: some shards
 * were lost; nothing was saved, and what belongs to the others is to be saved again.
 */
enum db_rc deliver_save(struct db *db, struct deliver_saving *s);

#endif
