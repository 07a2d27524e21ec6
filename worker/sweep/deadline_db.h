#ifndef WORKER_SWEEP_DEADLINE_DB_H
#define WORKER_SWEEP_DEADLINE_DB_H

#include "worker/frame/batch.h"

#define DEADLINE_MAX 16 /* pins in one transaction */

struct deadline_batch {
	struct batch batch; /* limit: at most DEADLINE_MAX */
	int64_t event_deadline_s;
	size_t missed; /* out: pins that failed */
};
/*
 * Fails waiting pins of the leased shards whose deadline has passed. A pin the database refuses to
 * fail does not keep the others from it; the run fails then. `arg` is a struct deadline_batch.
 */
enum db_rc deadline_batch_run(struct db *db, void *arg);

#endif
