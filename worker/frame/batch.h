#ifndef WORKER_FRAME_BATCH_H
#define WORKER_FRAME_BATCH_H

#include <stdbool.h>

#include "worker/frame/clock_sample.h"
#include "worker/frame/leases.h"

/* What a periodic job takes to the DB thread and brings back: first member of its struct. */
struct batch {
	struct leases leases;       /* in */
	size_t limit;               /* in: rows at most; adapted from run to run */
	uint64_t lost;              /* out, with DB_NONE: shards another worker owns by now */
	struct clock_sample sample; /* out; db_us 0: none taken */
	int64_t next_us;            /* out: database time of the next due work; TIME_NONE: none */
	bool more;                  /* out: run again at once */
};

#endif
