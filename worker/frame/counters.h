#ifndef WORKER_FRAME_COUNTERS_H
#define WORKER_FRAME_COUNTERS_H

#include <stdint.h>

/* What happened since the last statistics line (worker/stats.h). Loop thread only. */
struct counters {
	unsigned long published, refused, retried, held, unknown, not_sent; /* creates by verdict */
	int64_t oldest_due_us; /* longest time by which a served lane was overdue */
};

#endif
