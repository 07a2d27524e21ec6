#ifndef WORKER_PROMOTE_RUN_H
#define WORKER_PROMOTE_RUN_H

#include <stdint.h>

#include "lib/db.h"
#include "worker/fence.h"
#include "worker/worker.h"

#define PROMOTE_MAX 64

/* One batch of promotions, on the DB thread. */
struct promote_run {
	struct held held;
	size_t limit; /* at most PROMOTE_MAX */
	int64_t event_deadline_s;
	/* out */
	size_t found, promoted, refused;
	int64_t next_us; /* database time of the next due schedule; TIME_NONE: none */
	int64_t took_us;
	uint64_t lost;
	struct moment moment;
};

enum db_rc promote_run(struct db *db, struct promote_run *p);

#endif
