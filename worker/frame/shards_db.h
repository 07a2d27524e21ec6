#ifndef WORKER_FRAME_SHARDS_DB_H
#define WORKER_FRAME_SHARDS_DB_H

#include <stdbool.h>

#include "worker/frame/clock_sample.h"
#include "worker/frame/leases.h"

struct clock_step;

/* One round of leasing: registers this worker, renews, reads all leases, gives away, claims. */
struct lease_round {
	struct clock_step *clock;
	struct leases leases; /* in: what we think; out: what the table says */
	struct uuid owner, host;
	bool register_first; /* in: this worker is not in the table yet */
	bool resident;       /* in */
	bool host_locked;    /* in: leases of this host's earlier workers may be taken at once */
	bool release_idle;   /* in: give back all that is not in use, claim nothing */
	bool renew;          /* in: renew, not only read */
	uint64_t in_use;     /* in: shards not to give away */
	int64_t lease_us;    /* in */
	struct clock_sample sample; /* out */
	int64_t residents;          /* out: other resident workers that are alive */
};
/* `arg` is a struct lease_round. */
enum db_rc lease_round_run(struct db *db, void *arg);

/* The end of a worker. */
struct lease_stop {
	struct uuid owner, host;
	bool resident;
};
/* Gives back all shards and marks the worker as stopped; `arg` is a struct lease_stop. */
enum db_rc lease_stop_run(struct db *db, void *arg);

#endif
